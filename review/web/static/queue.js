"use strict";
// The queue by keyboard: one row is the current one, and has the focus.
(() => {
  const verdicts = { 1: "confirmed", 2: "routine", 3: "data error", 4: "duplicate", 5: "unclear" };
  const all = (selector) => [...document.querySelectorAll(selector)];
  const results = () => document.getElementById("results");
  const rows = () => all(".queue .flag");
  const picks = () => all('.queue [name="flag"]');
  const here = () => document.querySelector(".queue .flag.here");
  let lastPick = null;

  function mark(row) {
    for (const one of all(".queue .flag.here")) one.classList.remove("here");
    row.classList.add("here");
    sessionStorage.setItem("here", row.dataset.flag);
  }
  function go(row) {
    if (!row) return;
    mark(row);
    row.querySelector(".open").focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }
  function move(by) {
    const list = rows();
    const now = list.indexOf(here());
    if (now < 0) go(list[0]);
    else go(list[Math.min(Math.max(now + by, 0), list.length - 1)]);
  }

  function count() {
    const bulk = document.getElementById("bulk");
    if (!bulk) return;
    const picked = picks().filter((one) => one.checked).length;
    bulk.classList.toggle("ready", picked > 0);
    document.getElementById("picked").textContent = `${picked} selected`;
    const every = document.getElementById("pick-all");
    every.checked = picked > 0 && picked === picks().length;
    every.indeterminate = picked > 0 && !every.checked;
  }
  function pick(row, whole) {
    const list = rows();
    const [from, to] = [list.indexOf(whole && lastPick ? lastPick : row), list.indexOf(row)].sort((a, b) => a - b);
    const box = row.querySelector('[name="flag"]');
    if (!box) return;
    const wanted = whole ? true : !box.checked;
    for (const one of list.slice(Math.max(from, 0), to + 1)) one.querySelector('[name="flag"]').checked = wanted;
    lastPick = row;
    count();
  }

  // One step of a flag after the other: the second one needs the version that the first one made.
  const steps = new Map();
  function send(row, what, values) {
    const flag = row.dataset.flag;
    const step = async () => {
      const now = document.getElementById(`flag-${flag}`);
      if (!now) return;
      const sent = { expected_version: now.dataset.version, query: results().dataset.query, part: "row", ...values };
      await htmx.ajax("POST", `/flags/${flag}/${what}`, { source: now, swap: "none", values: sent });
    };
    steps.set(flag, (steps.get(flag) ?? Promise.resolve()).then(step, step));
  }
  const may = () => document.getElementById("bulk") !== null;

  function act(key) {
    const row = here();
    const selected = picks().some((one) => one.checked);
    const bulk = selected && document.querySelector(`#bulk [data-verdict="${CSS.escape(key)}"]`);
    if (bulk) bulk.click();
    else if (key === "j") move(1);
    else if (key === "k") move(-1);
    else if (key === "Enter" && row && document.activeElement === document.body) row.querySelector(".open").click();
    else if (key === "v" && row) {
      const why = row.querySelector(".why");
      if (why) why.open = !why.open;
    } else if (!row || !may()) return false;
    else if (key in verdicts) {
      send(row, "verdict", { to: verdicts[key] });
      move(1);
    } else if (key === "r") send(row, "reopen", {});
    else if (key === "a") send(row, "assign", { assignee: results().dataset.me });
    else if (key === "n") {
      const query = results().dataset.query;
      location.href = `/flags/${row.dataset.flag}/verdict${query ? `?${query}` : ""}`;
    } else if (key.toLowerCase() === "x") pick(row, key === "X");
    else return false;
    return true;
  }
  // Before the page's own keys, which this takes where it knows them.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || localStorage.getItem("keys") === "off") return;
    if (event.target.closest("input:not([type=checkbox]), select, textarea") || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape" && picks().some((one) => one.checked)) for (const one of picks()) one.checked = false;
    if (event.key === "Escape") count();
    else if (act(event.key)) event.preventDefault();
  }, true);

  // How many conditions each menu of the filter holds.
  document.getElementById("filters").addEventListener("input", () => {
    for (const menu of all("#filters .menu")) {
      const boxes = menu.querySelectorAll(":checked:not(option)").length;
      const fields = [...menu.querySelectorAll("input:not([type=checkbox]), select")].filter((one) => one.value).length;
      menu.querySelector(".chosen").textContent = boxes + fields || "";
      menu.querySelector("summary").classList.toggle("set", boxes + fields > 0);
    }
  });
  document.addEventListener("change", (event) => {
    if (event.target.id === "pick-all") for (const one of picks()) one.checked = event.target.checked;
    if (event.target.id === "pick-all" || event.target.name === "flag") count();
  });
  document.addEventListener("click", (event) => {
    if (event.target.id === "pick-none") {
      for (const one of picks()) one.checked = false;
      count();
    }
    const row = event.target.closest(".queue .flag");
    if (row) mark(row);
    if (row && event.target.name === "flag") lastPick = row;
  });
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest(".queue .flag");
    if (row && row !== here()) mark(row);
  });
  // A row that was changed is a new one: it stays the current one, and keeps the focus.
  // (Once it has settled: until then htmx gives it the old one's attributes, and takes them away again.)
  document.addEventListener("htmx:afterSettle", ({ target }) => {
    if (target.dataset?.flag === undefined || target.dataset.flag !== sessionStorage.getItem("here")) return;
    const row = document.getElementById(`flag-${target.dataset.flag}`);
    mark(row);
    if (document.activeElement === document.body) row.querySelector(".open").focus({ preventScroll: true });
  });
  document.addEventListener("htmx:afterSettle", ({ detail: { target } }) => {
    if (target.id !== "results") return;
    count();
    document.getElementById("told")?.focus();
  });
  addEventListener("pageshow", () => {
    count();
    const last = document.getElementById(`flag-${sessionStorage.getItem("here")}`);
    if (last && !here()) go(last);
  });
})();
