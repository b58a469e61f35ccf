"use strict";
(() => {
  const page = document.documentElement;
  const config = { responsive: true, displaylogo: false, modeBarButtonsToRemove: ["toImage", "lasso2d", "select2d"] };

  function draw() {
    const style = getComputedStyle(page);
    const colored = (text) => text.replace(/var\((--[a-z-]+)\)/g, (_, name) => style.getPropertyValue(name).trim());
    for (const plot of document.querySelectorAll("[data-figure]")) {
      const figure = JSON.parse(colored(document.getElementById(plot.dataset.figure).textContent));
      if (page.classList.contains("paper")) figure.layout.width = plot.closest(".pair") ? 300 : 660;
      Plotly.react(plot, figure.data, figure.layout, config);
    }
  }

  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  for (const [event, printing] of [["beforeprint", true], ["afterprint", false]]) {
    addEventListener(event, () => {
      page.classList.toggle("paper", printing);
      draw();
    });
  }
  draw();
})();
