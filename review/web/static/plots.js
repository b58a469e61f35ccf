"use strict";
// Draws each [data-figure] from its block of data, in the colors of the page; again when these change, and for paper.
(() => {
  const page = document.documentElement;
  const config = { responsive: true, displayModeBar: false, doubleClick: "reset+autosize" };
  const PAPER_PX = 660, PAPER_HALF_PX = 320; // the width of a sheet, which a browser does not tell before it prints

  function draw(within = document) {
    const style = getComputedStyle(page);
    const colored = (text) => text.replace(/var\((--[a-z-]+)\)/g, (_, name) => style.getPropertyValue(name).trim());
    for (const plot of within.querySelectorAll("[data-figure]")) {
      const figure = JSON.parse(colored(document.getElementById(plot.dataset.figure).textContent));
      if (page.classList.contains("paper")) figure.layout.width = plot.closest(".pair") ? PAPER_HALF_PX : PAPER_PX;
      Plotly.react(plot, figure.data, figure.layout, config);
    }
  }

  document.addEventListener("themechange", () => draw());
  document.addEventListener("htmx:load", ({ target }) => target !== document.body && draw(target));
  for (const [event, printing] of [["beforeprint", true], ["afterprint", false]]) {
    addEventListener(event, () => {
      page.classList.toggle("paper", printing);
      draw();
    });
  }
  for (const folded of document.querySelectorAll("details")) {
    folded.addEventListener("toggle", () => folded.open && folded.querySelectorAll(".js-plotly-plot").forEach((plot) => Plotly.Plots.resize(plot)));
  }
  draw();
})();
