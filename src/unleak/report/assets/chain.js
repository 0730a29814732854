/* The chain of credentials as a picture.  Texts come from outside: they are only ever drawn or set
   as textContent. */
"use strict";
(function () {
  const data = JSON.parse(document.getElementById("graph-data").textContent);
  const box = document.getElementById("graph");
  const side = document.getElementById("chain-side");
  const shapes = { leak: "octagon", credential: "round-rectangle", principal: "hexagon", unknown: "ellipse" };
  const LONGEST = 25;
  let chosen = null;

  function short(text) {
    return text.length > LONGEST ? text.slice(0, LONGEST - 1) + "\u2026" : text;
  }

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  /* A fifth of the colour on the card: a node that is too small to read is still seen. */
  function tint(name) {
    const parts = [colour(name), colour("--card")].map(function (hex) {
      return [1, 3, 5].map(function (at) { return parseInt(hex.slice(at, at + 2), 16); });
    });
    return "rgb(" + parts[0].map(function (part, at) {
      return Math.round(part * 0.2 + parts[1][at] * 0.8);
    }).join(",") + ")";
  }

  function style() {
    const ink = colour("--ink"), card = colour("--card"), soft = colour("--soft");
    const look = [
      { selector: "node", style: {
        label: "data(label)", width: 200, height: 60, "text-wrap": "wrap", "text-max-width": 190,
        "text-valign": "center", "text-halign": "center", "font-size": 12, "line-height": 1.25,
        "font-family": "system-ui, sans-serif", color: ink, "background-color": card,
        "border-width": 3, "border-color": soft, "min-zoomed-font-size": 5 } },
      { selector: "edge", style: {
        width: 1.6, "line-color": soft, "target-arrow-color": soft, "target-arrow-shape": "triangle",
        "curve-style": "bezier", label: "data(via)", "font-size": 10, color: soft,
        "text-background-color": card, "text-background-opacity": 1, "text-background-padding": 2,
        "min-zoomed-font-size": 7 } },
      { selector: "edge[?inferred]", style: { "line-style": "dashed" } },
      { selector: "node[?inferred]", style: { "border-style": "dashed" } },
      { selector: "node.kind-leak", style: { "border-width": 6, "font-weight": "bold" } },
      { selector: "edge.path", style: {
        width: 4, "line-color": colour("--accent"), "target-arrow-color": colour("--accent"), "z-index": 9 } },
      { selector: ".faded", style: { opacity: 0.18 } },
      { selector: "node:selected", style: {
        "overlay-color": colour("--accent"), "overlay-opacity": 0.2, "overlay-padding": 6 } },
      { selector: "core", style: { "active-bg-opacity": 0 } },
    ];
    for (const kind of Object.keys(shapes)) {
      look.push({ selector: "node.kind-" + kind, style: { shape: shapes[kind] } });
    }
    for (const state of ["contained", "unproven", "open", "gone", "dismissed", "unknown"]) {
      look.push({ selector: "node.state-" + state, style: {
        "border-color": colour("--s-" + state), "background-color": tint("--s-" + state) } });
    }
    return look;
  }

  for (const part of document.querySelectorAll(".chain-tools, .chain-box")) {
    part.hidden = false;
  }
  const byId = new Map();
  const elements = data.nodes.map(function (node, number) {
    byId.set(node.id, "n" + number);
    const second = node.owner ? short(node.owner) + "\n" : "";
    return {
      group: "nodes", classes: "kind-" + node.kind + " state-" + node.state,
      position: { x: node.x, y: node.y },
      data: {
        id: "n" + number, label: short(node.title) + "\n" + second + node.words,
        number: number, inferred: node.inferred,
      },
    };
  });
  data.links.forEach(function (link, number) {
    elements.push({
      group: "edges",
      data: {
        id: "e" + number, source: byId.get(link.source), target: byId.get(link.target),
        via: short(link.via), inferred: link.inferred,
      },
    });
  });
  const cy = cytoscape({
    container: box, elements: elements, style: style(), layout: { name: "preset" },
    minZoom: 0.02, maxZoom: 2.5, boxSelectionEnabled: false, autoungrabify: true,
    selectionType: "single", userZoomingEnabled: false,
  });

  function fit() {
    cy.fit(undefined, 24);
    if (cy.zoom() > 1) {
      cy.zoom(1);
      cy.center();
    }
  }

  function zoom(factor) {
    cy.zoom({
      level: cy.zoom() * factor,
      renderedPosition: { x: box.clientWidth / 2, y: box.clientHeight / 2 },
    });
  }

  function add(list, name, text) {
    const row = document.createElement("div");
    const term = document.createElement("dt");
    const description = document.createElement("dd");
    term.textContent = name;
    description.textContent = text;
    row.append(term, description);
    list.append(row);
  }

  function show(node) {
    const about = data.nodes[node.data("number")];
    const title = document.createElement("h3");
    title.textContent = about.title;
    const state = document.createElement("span");
    state.className = "state " + about.state;
    state.textContent = about.words;
    const list = document.createElement("dl");
    list.className = "rows";
    if (about.owner) {
      add(list, "of", about.owner);
    }
    for (const fact of about.facts) {
      add(list, fact[0], fact[1]);
    }
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "show in the timeline";
    button.addEventListener("click", function () {
      document.dispatchEvent(new CustomEvent("unleak-find", { detail: about.title }));
    });
    side.replaceChildren(title, state, list, button);
    side.scrollTop = 0;
  }

  function choose(node) {
    cy.elements().unselect();
    node.select();
    /* How it came to this, back to the leak, and what came of it at once. */
    cy.batch(function () {
      cy.edges().removeClass("path");
      node.predecessors("edge").addClass("path");
      node.outgoers("edge").addClass("path");
    });
    chosen = node;
    show(node);
    const extent = cy.extent();
    const at = node.position();
    if (at.x < extent.x1 || at.x > extent.x2 || at.y < extent.y1 || at.y > extent.y2) {
      cy.center(node);
    }
  }

  /* The nearest in the direction of the arrow: what lies askew counts as further away. */
  function next(dx, dy) {
    const from = chosen.position();
    let best = null, least = Infinity;
    cy.nodes().forEach(function (node) {
      const x = node.position("x") - from.x, y = node.position("y") - from.y;
      const ahead = x * dx + y * dy, askew = Math.abs(x * dy + y * dx);
      const far = ahead + 3 * askew;
      if (ahead > 1 && far < least) {
        least = far;
        best = node;
      }
    });
    return best;
  }

  const arrows = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
  box.addEventListener("keydown", function (event) {
    if (event.key in arrows && cy.nodes().length) {
      const way = arrows[event.key];
      const node = chosen ? next(way[0], way[1]) : cy.nodes()[0];
      if (node) {
        choose(node);
      }
    } else if (event.key === "+" || event.key === "=") {
      zoom(1.25);
    } else if (event.key === "-") {
      zoom(0.8);
    } else if (event.key === "0") {
      fit();
    } else {
      return;
    }
    event.preventDefault();
  });
  /* A page that scrolls must not be caught by a picture: the wheel zooms with Ctrl only. */
  box.addEventListener("wheel", function (event) {
    if (event.ctrlKey || event.metaKey) {
      zoom(event.deltaY < 0 ? 1.15 : 0.87);
      event.preventDefault();
    }
  }, { passive: false });
  cy.on("tap", "node", function (event) {
    choose(event.target);
  });
  document.getElementById("chain-in").addEventListener("click", function () { zoom(1.25); });
  document.getElementById("chain-out").addEventListener("click", function () { zoom(0.8); });
  document.getElementById("chain-fit").addEventListener("click", fit);
  document.getElementById("chain-find").addEventListener("input", function (event) {
    const words = event.target.value.trim().toLowerCase();
    const hits = new Set();
    data.nodes.forEach(function (node, number) {
      const text = [node.title, node.owner, node.words, node.kind].concat(node.facts.flat());
      if (text.join("\n").toLowerCase().includes(words)) {
        hits.add(number);
      }
    });
    cy.batch(function () {
      cy.nodes().forEach(function (node) {
        node.toggleClass("faded", words !== "" && !hits.has(node.data("number")));
      });
    });
    document.getElementById("chain-found").textContent =
      words === "" ? "" : hits.size + " of " + data.nodes.length;
    const only = hits.size === 1 && words !== "" ? cy.getElementById("n" + [...hits][0]) : null;
    if (only) {
      choose(only);
    }
  });
  document.addEventListener("unleak-theme", function () { cy.style(style()); });
  window.addEventListener("resize", function () { cy.resize(); });
  fit();
})();
