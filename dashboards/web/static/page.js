// Small comforts; every page works without them.
"use strict";
addEventListener("DOMContentLoaded", () => {
  // On a narrow screen the filters are folded away until asked for.
  const side = document.querySelector("details.side");
  if (side && matchMedia("(max-width: 62rem)").matches) side.open = false;

  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const from = document.getElementById(button.dataset.copy);
      await navigator.clipboard.writeText(from.textContent.trim());
      button.textContent = button.dataset.done;
    });
  }

  // A value and its evidence light up together.
  const same = (name) => document.querySelectorAll(`[data-values~="${CSS.escape(name)}"]`);
  for (const part of document.querySelectorAll("[data-values]")) {
    for (const [event, on] of [["mouseenter", true], ["mouseleave", false], ["focusin", true], ["focusout", false]]) {
      part.addEventListener(event, () => {
        for (const name of part.dataset.values.split(" ")) {
          for (const other of same(name)) other.classList.toggle("lit", on);
        }
      });
    }
  }

  // Printing shows the tables too.
  addEventListener("beforeprint", () => document.querySelectorAll("details.side, details.facet").forEach((d) => { d.open = false; }));
});
