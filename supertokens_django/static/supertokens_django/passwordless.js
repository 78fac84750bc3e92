// The secret of a sign-in link stands behind the #, which browsers send to no server.  On the device that asked for the
// link it is sent at once; elsewhere somebody has to press the button.
const form = document.querySelector("form[data-link]");
if (form) {
  const secret = location.hash.slice(1);
  form.elements.link_code.value = secret;
  if (!secret) {
    if (!form.querySelector("[role=alert]")) document.querySelector("[data-link-broken]").hidden = false;
    form.querySelector("button").disabled = true;
  } else {
    history.replaceState(null, "", location.pathname + location.search);
    if ("own" in form.dataset) form.requestSubmit();
  }
}

// Counts down to when another message may be sent.
for (const button of document.querySelectorAll("button[data-wait]")) {
  const text = button.textContent;
  const end = Date.now() + Number(button.dataset.wait) * 1000;
  const show = () => {
    const left = Math.ceil((end - Date.now()) / 1000);
    button.disabled = left > 0;
    button.textContent = left > 0 ? button.dataset.text.replace("%s", left) : text;
    if (left > 0) setTimeout(show, 250);
  };
  show();
}
