"use strict";
// Draws each [data-figure] from its block of data, in the colors of the page; again when these change, and for paper.
// A plot that is there has [data-drawn].
(() => {
  const page = document.documentElement;
  const config = { responsive: true, displayModeBar: false, doubleClick: "reset+autosize" };
  const PAPER_PX = 660, PAPER_HALF_PX = 320; // the width of a sheet, which a browser does not tell before it prints

  let turn = 0;

  function show(plot, colored) {
    const figure = JSON.parse(colored(document.getElementById(plot.dataset.figure).textContent));
    if (page.classList.contains("paper")) figure.layout.width = plot.closest(".pair") ? PAPER_HALF_PX : PAPER_PX;
    Plotly.react(plot, figure.data, figure.layout, config).then(() => (plot.dataset.drawn = ""));
  }

  // One after the other, so that the page answers in between; all at once for a sheet of paper, which does not wait.
  async function draw(within = document, atOnce = false) {
    if (within === document) turn += 1;
    const mine = turn;
    const style = getComputedStyle(page);
    const colored = (text) => text.replace(/var\((--[a-z-]+)\)/g, (_, name) => style.getPropertyValue(name).trim());
    for (const plot of within.querySelectorAll("[data-figure]")) {
      show(plot, colored);
      if (atOnce) continue;
      await new Promise((done) => setTimeout(done));
      if (mine !== turn) return; // the colors have changed meanwhile
    }
  }

  document.addEventListener("themechange", () => draw());
  document.addEventListener("htmx:load", ({ target }) => target !== document.body && draw(target));
  for (const [event, printing] of [["beforeprint", true], ["afterprint", false]]) {
    addEventListener(event, () => {
      page.classList.toggle("paper", printing);
      draw(document, true);
    });
  }
  for (const folded of document.querySelectorAll("details")) {
    folded.addEventListener("toggle", () => folded.open && folded.querySelectorAll(".js-plotly-plot").forEach((plot) => Plotly.Plots.resize(plot)));
  }
  draw();
})();
