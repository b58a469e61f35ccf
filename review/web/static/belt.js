"use strict";
// A click on a mark of the belt opens its object.
addEventListener("load", () => {
  const plot = document.getElementById("belt-plot");
  plot?.on?.("plotly_click", ({ points }) => location.assign(`/objects/${points[0].customdata[0]}`));
});
