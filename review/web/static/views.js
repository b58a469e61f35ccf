"use strict";
// A click on a mark of a plot opens what it stands for: its trace's "meta" and the first of its own data are the address.
addEventListener("load", () => {
  for (const plot of document.querySelectorAll("[data-figure]")) {
    plot.on?.("plotly_click", ({ points: [point] }) => {
      if (point.data.meta && point.customdata) location.assign(point.data.meta + point.customdata[0]);
    });
  }
});
