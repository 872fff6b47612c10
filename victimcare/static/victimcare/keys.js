// Security keys and passkeys: says to allauth's script which button of the page does what, and says on the page, in
// words and not in the console, that a key could not be used.
"use strict";

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const failed = document.querySelector(".vc-key-failed");
  if (failed) failed.hidden = false;
});

// `data-key`: "login", "authenticate" or "add"; `data-credential` and `data-passwordless`: ids of fields.
for (const button of document.querySelectorAll("button[data-key]")) {
  const { key, credential, passwordless } = button.dataset;
  window.allauth.webauthn.forms[`${key}Form`]({ ids: { [key]: button.id, credential, passwordless, data: "js_data" } });
}
