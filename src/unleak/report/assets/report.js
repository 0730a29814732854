/* Copying commands, the theme, and what printing needs. */
"use strict";
(function () {
  const root = document.documentElement;
  const theme = document.getElementById("theme");
  const order = ["system", "light", "dark"];
  let at = 0;

  function paint(name) {
    if (name === "system") {
      delete root.dataset.theme;
    } else {
      root.dataset.theme = name;
    }
    document.dispatchEvent(new CustomEvent("unleak-theme"));
  }

  theme.hidden = false;
  theme.addEventListener("click", function () {
    at = (at + 1) % order.length;
    theme.textContent = "theme: " + order[at];
    paint(order[at]);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", function () {
    paint(order[at]);
  });

  function select(code) {
    const range = document.createRange();
    range.selectNodeContents(code);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  }

  for (const button of document.querySelectorAll(".copy")) {
    button.addEventListener("click", function () {
      const code = button.previousElementSibling;
      const told = function (word) {
        button.textContent = word;
        setTimeout(function () { button.textContent = "copy"; }, 1500);
      };
      /* Where the browser lets nobody write to the clipboard, the text is at least selected. */
      const byHand = function () { select(code); told("selected"); };
      if (navigator.clipboard) {
        navigator.clipboard.writeText(code.textContent).then(function () { told("copied"); }, byHand);
      } else {
        byHand();
      }
    });
  }

  let closed = [];
  window.addEventListener("beforeprint", function () {
    closed = [...document.querySelectorAll("main details:not([open])")];
    closed.forEach(function (each) { each.open = true; });
    paint("light");
  });
  window.addEventListener("afterprint", function () {
    closed.forEach(function (each) { each.open = false; });
    paint(order[at]);
  });
})();
