// Draws each <figure data-spec="id"> from the Vega-Lite specification in the data block of that id.
// Colours and fonts come from the style sheet, so that charts follow light, dark and print.
"use strict";
(() => {
  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const config = (width) => ({
    background: "transparent",
    font: style("--sans"),
    padding: 2,
    aria: false,
    view: { stroke: null, continuousWidth: 300 },
    text: { color: style("--ink") },
    bar: { color: style("--bar"), cursor: "pointer" },
    rect: { cursor: "pointer" },
    style: {
      name: { fontSize: 12.5, limit: Math.max(120, width - 64) },
      number: { fontSize: 12.5, fontWeight: 600 },
    },
    range: {
      category: [style("--bar"), style("--bar-2"), style("--bar-3")],
      heatmap: [style("--heat-low"), style("--heat-high")],
      ramp: [style("--heat-low"), style("--heat-high")],
    },
    axis: {
      labelColor: style("--quiet"), labelFontSize: 11.5, domainColor: style("--rule"), tickColor: style("--rule"),
      gridColor: style("--rule-soft"), titleColor: style("--quiet"), labelFontWeight: "normal",
    },
    axisY: { domain: false, ticks: false, labelPadding: 6, labelLimit: Math.round(Math.min(320, width * 0.38)) },
    axisX: { labelLimit: 150 },
    axisBand: { domain: false, ticks: false },
    legend: { labelColor: style("--quiet"), labelFontSize: 11.5, symbolType: "square", gradientThickness: 8 },
  });

  // To the page narrowed to what was clicked: data-filters names the filter of each dimension.
  const narrow = (figure, datum) => {
    const names = (figure.dataset.filters || "").split(" ");
    if (!datum || names.some((name, n) => !name || !(`c${n}` in datum))) return;
    const address = new URL(location.href);
    names.forEach((name, n) => {
      for (const one of name === "month" ? ["from", "to"] : [name]) address.searchParams.set(one, datum[`c${n}`]);
    });
    location.href = address;
  };

  const draw = async (figure) => {
    const spec = JSON.parse(document.getElementById(figure.dataset.spec).textContent);
    const width = figure.clientWidth;
    spec.width = width;
    const axis = spec.encoding?.x?.axis;
    // A long name below a chart would take the half of a narrow one.
    if (axis?.labelLimit) axis.labelLimit = Math.min(axis.labelLimit, Math.round(width * 0.3));
    spec.autosize = { type: "fit-x", contains: "padding" };
    const drawn = await vegaEmbed(figure, spec, {
      actions: false, ast: true, defaultStyle: false, renderer: "svg",
      tooltip: { disableDefaultStyle: true }, config: config(width),
    });
    drawn.view.addEventListener("click", (_, item) => narrow(figure, item?.datum));
    // The figure is one image with a name; the marks inside it are none. Their figures stand in the table.
    figure.querySelector("svg")?.setAttribute("aria-hidden", "true");
    figure.dataset.drawn = "yes";
    return drawn;
  };

  const all = async () => {
    for (const figure of document.querySelectorAll("figure[data-spec]")) {
      try {
        figure.view?.finalize();
        figure.view = await draw(figure);
      } catch (error) {
        console.error(figure.dataset.spec, error);
        figure.closest(".panel").querySelector("details.data").open = true;
      }
    }
    document.documentElement.dataset.charts = "drawn";
  };

  addEventListener("DOMContentLoaded", all);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", all);
  let waiting;
  let last = innerWidth;
  addEventListener("resize", () => {
    if (innerWidth === last) return;
    last = innerWidth;
    clearTimeout(waiting);
    waiting = setTimeout(all, 200);
  });
})();
