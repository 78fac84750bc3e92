// Lets people look at the password that they type. Everything works without.
for (const button of document.querySelectorAll(".st-reveal")) {
  const input = document.getElementById(button.getAttribute("aria-controls"));
  const show = (visible) => {
    input.type = visible ? "text" : "password";
    button.setAttribute("aria-pressed", String(visible));
  };
  button.hidden = false;
  button.addEventListener("click", () => show(input.type === "password"));
  // Sent as a password, so that browsers do not keep it among the texts they offer again.
  input.form.addEventListener("submit", () => show(false));
}
