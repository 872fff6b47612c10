// Comfort on top of pages that work without it: quick exit by keyboard, one submit at a time, focus on what went wrong.
"use strict";

(() => {
  const DOUBLE_PRESS_MS = 600;
  let lastEscape = Number.NEGATIVE_INFINITY;

  // The page is replaced, not left: the back button does not lead to it.
  function leave() {
    document.documentElement.hidden = true;
    window.location.replace(document.body.dataset.leave);
  }

  function onEscape(event) {
    if (event.key !== "Escape" || event.repeat) return;
    if (event.timeStamp - lastEscape < DOUBLE_PRESS_MS) leave();
    lastEscape = event.timeStamp;
    closeMenus(null);
  }

  function closeMenus(inside) {
    for (const menu of document.querySelectorAll(".vc-menu[open]")) {
      if (menu.contains(inside)) continue;
      const hadFocus = menu.contains(document.activeElement);
      menu.open = false;
      if (hadFocus && inside === null) menu.querySelector("summary").focus();
    }
  }

  // aria-disabled, not disabled: a disabled button would not send its own name and value.
  function onSubmit(event) {
    if (event.defaultPrevented) return;
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    for (const button of form.querySelectorAll("[type=submit]")) button.setAttribute("aria-disabled", "true");
  }

  // The browser's back button brings the page back as it was left.
  function onPageShow() {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
    }
  }

  function valuesOf(controls) {
    const chosen = controls.filter((one) => !["radio", "checkbox"].includes(one.type) || one.checked);
    return chosen.map((one) => one.value);
  }

  // `data-shown-when` names the other field by id; a group of radio buttons has the id on its wrapper.
  function showDependent(field) {
    const other = field.dataset.shownWhen;
    const single = document.getElementById(other);
    const group = document.querySelectorAll(`#div_${CSS.escape(other)} input`);
    const controls = single && single.matches("input, select, textarea") ? [single] : [...group];
    const wrapper = field.closest(".vc-field");
    if (!controls.length || !wrapper) return;
    const wanted = field.dataset.shownValue.split(" ");
    wrapper.hidden = !valuesOf(controls).some((value) => wanted.includes(value));
  }

  function showAllDependent() {
    document.querySelectorAll("[data-shown-when]").forEach(showDependent);
  }

  document.addEventListener("keydown", onEscape);
  document.addEventListener("submit", onSubmit);
  document.addEventListener("change", showAllDependent);
  document.addEventListener("click", (event) => closeMenus(event.target));
  window.addEventListener("pageshow", onPageShow);
  document.querySelector(".vc-leave")?.addEventListener("click", (event) => {
    event.preventDefault();
    leave();
  });
  showAllDependent();
  document.querySelector(".vc-errors")?.focus();
})();
