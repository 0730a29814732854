/* The timeline: a chart to choose a time from, filters, and a list that draws only what is seen. */
"use strict";
(function () {
  const data = JSON.parse(document.getElementById("timeline-data").textContent);
  const texts = data.texts, rows = data.rows, tactics = data.tactics, outcomes = data.outcomes;
  const TIME = 0, TACTIC = 1, OUTCOME = 2, INFERRED = 3, FIRST = 4;
  const field = {};
  data.fields.forEach(function (name, number) { field[name] = FIRST + number; });
  const HEIGHT = 30, SPARE = 6, BINS = 150, PRINTED = 300;
  const list = document.getElementById("list");
  const inside = document.getElementById("list-rows");
  const find = document.getElementById("timeline-find");
  const from = document.getElementById("timeline-from");
  const until = document.getElementById("timeline-until");
  const count = document.getElementById("timeline-count");
  const detail = document.getElementById("event");
  const chart = document.getElementById("chart");
  const shown = { tactics: tactics.map(function () { return true; }), outcomes: outcomes.map(function () { return true; }) };
  const lower = texts.map(function (text) { return text.toLowerCase(); });
  const times = rows.map(function (row) { return row[TIME]; }).filter(function (at) { return at !== null; });
  const first = times.length ? times[0] : 0;
  const last = times.length ? times[times.length - 1] : 0;
  let span = [-Infinity, Infinity];
  let seen = [], wide = [], chosen = -1, plot = null, pool = [];

  function moment(at) {
    return at === null ? "not known" : new Date(at).toISOString().slice(0, 19).replace("T", " ");
  }

  function element(name, className, text) {
    const made = document.createElement(name);
    made.className = className;
    if (text !== undefined) {
      made.textContent = text;
    }
    return made;
  }

  /* One look at each text, not at each event: events share their texts. */
  function matching(words) {
    if (words === "") {
      return null;
    }
    return Uint8Array.from(lower, function (text) { return text.includes(words) ? 1 : 0; });
  }

  function filter() {
    const hits = matching(find.value.trim().toLowerCase());
    wide = rows.filter(function (row) {
      if (!shown.tactics[row[TACTIC]] || !shown.outcomes[row[OUTCOME]]) {
        return false;
      }
      if (hits === null) {
        return true;
      }
      for (let place = FIRST; place < row.length; place += 1) {
        if (hits[row[place]]) {
          return true;
        }
      }
      return false;
    });
    const all = span[0] === -Infinity && span[1] === Infinity;
    seen = all ? wide : wide.filter(function (row) {
      return row[TIME] !== null && row[TIME] >= span[0] && row[TIME] <= span[1];
    });
    chosen = -1;
    inside.style.height = seen.length * HEIGHT + "px";
    list.scrollTop = 0;
    list.removeAttribute("aria-activedescendant");
    count.textContent = seen.length.toLocaleString("en") + " of " + rows.length.toLocaleString("en");
    draw();
    drawChart();
  }

  function fresh() {
    const row = element("div", "event-row");
    row.setAttribute("role", "option");
    const tactic = element("span", "tactic");
    const dot = element("span", "dot"), word = element("span", "");
    tactic.append(dot, word);
    const cells = {
      time: element("span", "mono"), dot: dot, tactic: word, outcome: element("span", ""),
      name: element("span", "call"), target: element("span", ""), key: element("span", "mono"),
      address: element("span", "mono"),
    };
    row.append(cells.time, tactic, cells.outcome, cells.name, cells.target, cells.key, cells.address);
    row.addEventListener("click", function () { choose(Number(row.dataset.at)); });
    inside.append(row);
    return { row: row, cells: cells };
  }

  /* As many elements as fit into the window, whatever the number of events. */
  function draw() {
    const start = Math.max(0, Math.floor(list.scrollTop / HEIGHT) - SPARE);
    const end = Math.min(seen.length, start + Math.ceil(list.clientHeight / HEIGHT) + 2 * SPARE);
    while (pool.length < end - start) {
      pool.push(fresh());
    }
    pool.forEach(function (each, number) {
      const at = start + number;
      each.row.hidden = at >= end;
      if (at < end) {
        fill(each, seen[at], at);
      }
    });
  }

  function fill(each, event, at) {
    const cells = each.cells;
    each.row.style.top = at * HEIGHT + "px";
    each.row.id = "event-" + at;
    each.row.dataset.at = at;
    each.row.className = "event-row" + (at === chosen ? " chosen" : "") + (event[INFERRED] ? " inferred-row" : "");
    each.row.setAttribute("aria-selected", at === chosen ? "true" : "false");
    each.row.setAttribute("aria-posinset", at + 1);
    each.row.setAttribute("aria-setsize", seen.length);
    cells.time.textContent = moment(event[TIME]);
    cells.dot.className = "dot " + tactics[event[TACTIC]];
    cells.tactic.textContent = tactics[event[TACTIC]];
    cells.outcome.textContent = outcomes[event[OUTCOME]];
    cells.outcome.className = "outcome-" + outcomes[event[OUTCOME]];
    for (const name of ["name", "target", "key", "address"]) {
      cells[name].textContent = texts[event[field[name]]];
    }
  }

  function choose(at) {
    if (at < 0 || at >= seen.length) {
      return;
    }
    chosen = at;
    const top = at * HEIGHT;
    if (top < list.scrollTop) {
      list.scrollTop = top;
    } else if (top + HEIGHT > list.scrollTop + list.clientHeight) {
      list.scrollTop = top + HEIGHT - list.clientHeight;
    }
    draw();
    list.setAttribute("aria-activedescendant", "event-" + at);
    const event = seen[at];
    const about = element("dl", "");
    const facts = [["time (UTC)", moment(event[TIME])], ["tactic", tactics[event[TACTIC]]],
      ["outcome", outcomes[event[OUTCOME]]], ["how sure", event[INFERRED] ? "inferred" : "proven"]];
    const words = { name: "call", target: "on what", key: "with", source: "service", region: "region",
      address: "from address", agent: "program", error: "error", event: "event id" };
    for (const name of data.fields) {
      facts.push([words[name], texts[event[field[name]]]]);
    }
    for (const fact of facts) {
      if (fact[1] !== "") {
        const row = element("div", "");
        row.append(element("dt", "", fact[0]), element("dd", "", fact[1]));
        about.append(row);
      }
    }
    detail.replaceChildren(about);
  }

  function chips(into, names, group, place, dots) {
    const numbers = names.map(function () { return 0; });
    rows.forEach(function (row) { numbers[row[place]] += 1; });
    names.forEach(function (name, number) {
      if (numbers[number] === 0) {
        return;
      }
      const chip = element("button", "chip");
      chip.type = "button";
      chip.dataset.name = name;
      chip.setAttribute("aria-pressed", "true");
      if (dots) {
        chip.append(element("span", "dot " + name));
      }
      chip.append(element("span", "", name), element("span", "count", numbers[number].toLocaleString("en")));
      chip.addEventListener("click", function () {
        group[number] = !group[number];
        chip.setAttribute("aria-pressed", String(group[number]));
        filter();
      });
      document.getElementById(into).append(chip);
    });
  }

  /* Each tactic is drawn on top of the sum of those before it; the highest goes first. */
  function stacked() {
    const begin = first, width = Math.max(last - first, 60000) / BINS;
    const x = [], sums = tactics.map(function () { return new Array(BINS).fill(0); });
    for (let bin = 0; bin < BINS; bin += 1) {
      x.push((begin + (bin + 0.5) * width) / 1000);
    }
    wide.forEach(function (row) {
      if (row[TIME] !== null) {
        sums[row[TACTIC]][Math.min(BINS - 1, Math.floor((row[TIME] - begin) / width))] += 1;
      }
    });
    for (let number = 1; number < tactics.length; number += 1) {
      for (let bin = 0; bin < BINS; bin += 1) {
        sums[number][bin] += sums[number - 1][bin];
      }
    }
    return [x].concat(sums.reverse());
  }

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  function build() {
    if (plot !== null) {
      plot.destroy();
    }
    const soft = colour("--soft"), line = colour("--line");
    const axis = { stroke: soft, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } };
    const bars = uPlot.paths.bars({ size: [1, 40, 1], gap: 0 });
    const width = Math.max(last - first, 60000);
    plot = new uPlot({
      width: Math.max(300, chart.clientWidth), height: 170, legend: { show: false },
      tzDate: function (at) { return uPlot.tzDate(new Date(at * 1000), "Etc/UTC"); },
      scales: {
        x: { time: true, range: [first / 1000, (first + width) / 1000] },
        y: { range: function (u, least, most) { return [0, Math.max(1, most) * 1.08]; } },
      },
      axes: [Object.assign({ values: stamps }, axis), Object.assign({ size: 54 }, axis)],
      cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
      series: [{}].concat(tactics.slice().reverse().map(function (name) {
        const paint = colour("--t-" + name);
        return { label: name, stroke: paint, fill: paint, width: 0, paths: bars, points: { show: false } };
      })),
      hooks: { setSelect: [function (u) {
        if (u.select.width > 1) {
          span = [u.posToVal(u.select.left, "x") * 1000, u.posToVal(u.select.left + u.select.width, "x") * 1000];
          from.value = moment(span[0]);
          until.value = moment(span[1]);
          filter();
        }
      }] },
    }, stacked(), chart);
  }

  function stamps(u, splits, place, space, step) {
    return splits.map(function (at, number) {
      const text = new Date(at * 1000).toISOString();
      const day = text.slice(0, 10), clock = step < 60 ? text.slice(11, 19) : text.slice(11, 16);
      const turns = number === 0 || new Date(splits[number - 1] * 1000).toISOString().slice(0, 10) !== day;
      return turns ? clock + "\n" + day : clock;
    });
  }

  function drawChart() {
    if (plot !== null) {
      plot.setData(stacked(), false);
      plot.redraw();
    }
  }

  /* What is no time is marked, and bounds nothing. */
  function bound(input, open) {
    const text = input.value.trim();
    const at = text === "" ? open : Date.parse(text.replace(" ", "T") + (/\d:\d/.test(text) ? "Z" : ""));
    input.setAttribute("aria-invalid", String(Number.isNaN(at)));
    return Number.isNaN(at) ? open : at;
  }

  function typed() {
    span = [bound(from, -Infinity), bound(until, Infinity) + 999];
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    filter();
  }

  function all() {
    shown.tactics.fill(true);
    shown.outcomes.fill(true);
    for (const chip of document.querySelectorAll("#timeline-tools .chip")) {
      chip.setAttribute("aria-pressed", "true");
    }
    find.value = "";
    from.value = "";
    until.value = "";
    typed();
  }

  function forPrint() {
    const table = element("table", "");
    const head = element("tr", "");
    ["time (UTC)", "tactic", "outcome", "call", "on what", "with"].forEach(function (name) {
      head.append(element("th", "", name));
    });
    table.append(head);
    seen.slice(0, PRINTED).forEach(function (event) {
      const line = element("tr", "");
      [moment(event[TIME]), tactics[event[TACTIC]], outcomes[event[OUTCOME]], texts[event[field.name]],
        texts[event[field.target]], texts[event[field.key]]].forEach(function (text) {
        line.append(element("td", "", text));
      });
      table.append(line);
    });
    const note = seen.length > PRINTED
      ? "The first " + PRINTED + " of " + seen.length.toLocaleString("en") + " events; the file has them all." : "";
    document.getElementById("print-rows").replaceChildren(table, element("p", "", note));
  }

  document.getElementById("timeline-tools").hidden = false;
  chips("tactics", tactics, shown.tactics, TACTIC, true);
  chips("outcomes", outcomes, shown.outcomes, OUTCOME, false);
  let waiting = false;
  list.addEventListener("scroll", function () {
    if (!waiting) {
      waiting = true;
      requestAnimationFrame(function () { waiting = false; draw(); });
    }
  });
  const page = function () { return Math.max(1, Math.floor(list.clientHeight / HEIGHT) - 1); };
  const moves = {
    ArrowDown: function () { return chosen + 1; },
    ArrowUp: function () { return chosen - 1; },
    PageDown: function () { return Math.min(seen.length - 1, chosen + page()); },
    PageUp: function () { return Math.max(0, chosen - page()); },
    Home: function () { return 0; },
    End: function () { return seen.length - 1; },
  };
  list.addEventListener("keydown", function (event) {
    if (event.key in moves) {
      choose(moves[event.key]());
      event.preventDefault();
    }
  });
  find.addEventListener("input", filter);
  from.addEventListener("change", typed);
  until.addEventListener("change", typed);
  document.getElementById("timeline-all").addEventListener("click", all);
  document.addEventListener("unleak-find", function (event) {
    find.value = event.detail;
    filter();
    document.getElementById("timeline").scrollIntoView();
    find.focus({ preventScroll: true });
  });
  document.addEventListener("unleak-theme", function () { if (plot !== null) { build(); } });
  window.addEventListener("resize", function () {
    plot.setSize({ width: Math.max(300, chart.clientWidth), height: 170 });
    draw();
  });
  window.addEventListener("beforeprint", forPrint);
  filter();
  build();
})();
