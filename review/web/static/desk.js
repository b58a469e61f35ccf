"use strict";
// What every page has: light or dark, the list of keys, keys that press what is on the page, messages that go away.
(() => {
  const page = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const toasts = document.getElementById("toasts");
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  function told() {
    document.dispatchEvent(new Event("themechange")); // for what is drawn with the page's colors
  }
  document.getElementById("theme").addEventListener("click", () => {
    const wanted = (page.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark" ? "light" : "dark";
    page.dataset.theme = wanted;
    localStorage.setItem("theme", wanted);
    told();
  });
  dark.addEventListener("change", told);

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens).showModal();
    if (event.target.closest("[data-closes]")) event.target.closest("dialog, .message").matches("dialog") ? event.target.closest("dialog").close() : event.target.closest(".message").remove();
    for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });

  const on = document.getElementById("keys-on");
  on.checked = localStorage.getItem("keys") !== "off";
  on.addEventListener("change", () => localStorage.setItem("keys", on.checked ? "on" : "off"));

  // On a phone the names of the sections do not all fit.
  document.querySelector(".sections [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });

  let going = 0; // when "g" was pressed
  const typing = (target) => target.closest("input:not([type=checkbox]):not([type=radio]), select, textarea, [contenteditable]");
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      for (const menu of all("details.menu[open]")) {
        menu.open = false;
        menu.firstElementChild.focus();
      }
      if (typing(event.target)) {
        event.preventDefault(); // what was typed stays
        event.target.blur();
      }
      return;
    }
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !on.checked) return;
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    if (Date.now() - going < 1500) {
      going = 0;
      const link = event.key.length === 1 && document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
      if (link) link.click();
      return;
    }
    if (event.key === "g") {
      going = Date.now();
      return;
    }
    const undo = event.key === "u" && all("[data-undo]", toasts).at(-1);
    const meant = undo || all(`[data-key="${CSS.escape(event.key)}"]`).find((one) => !one.disabled && one.checkVisibility());
    if (!meant) return;
    event.preventDefault();
    if ("focus" in meant.dataset) meant.focus();
    else meant.click();
  });

  function leaveLater(message) {
    const leave = () => (message.matches(":hover, :focus-within") ? setTimeout(leave, 2000) : message.remove());
    setTimeout(leave, message.matches(".bad") ? 30000 : 12000);
  }
  new MutationObserver((changes) => {
    const added = changes.flatMap((change) => [...change.addedNodes]).filter((node) => node.nodeType === 1);
    if (document.readyState === "complete") added.forEach(leaveLater);
    else addEventListener("load", () => added.forEach(leaveLater));
    while (toasts.children.length > 3) toasts.firstElementChild.remove();
  }).observe(toasts, { childList: true });
  toasts.addEventListener("htmx:afterRequest", ({ target, detail }) => {
    if (detail.successful) target.closest(".message")?.remove();
  });

  function tell(tone, text) {
    const message = document.createElement("div");
    message.className = `message ${tone}`;
    message.textContent = text;
    toasts.append(message);
  }

  // What is said about a step that leads to another page is shown there.
  document.addEventListener("htmx:beforeOnLoad", ({ detail: { xhr } }) => {
    if (xhr.getResponseHeader("HX-Redirect")) sessionStorage.setItem("said", xhr.responseText);
  });
  const said = sessionStorage.getItem("said");
  if (said) {
    sessionStorage.removeItem("said");
    const kept = document.createElement("template");
    kept.innerHTML = said;
    toasts.append(...kept.content.querySelectorAll(".message"));
    if (window.htmx) htmx.process(toasts);
  }
  document.addEventListener("htmx:sendError", () => tell("bad", "The server cannot be reached: nothing was changed. Try again."));
  document.addEventListener("htmx:responseError", ({ detail: { xhr } }) => {
    if (xhr.status === 401) tell("bad", "Your login has ended: nothing was changed. Log in in another tab, then do it again here.");
    else tell("bad", xhr.status === 403 ? "You may not do that." : `The server refused it (${xhr.status}): nothing was changed.`);
  });
})();
