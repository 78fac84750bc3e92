// Calls an API in place and shows its answer; without JavaScript the links simply open it.
for (const link of document.querySelectorAll("[data-try]")) {
  link.addEventListener("click", async (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    const answer = document.getElementById(link.dataset.try);
    const response = await fetch(link.href, { headers: { Accept: "application/json", rid: "anti-csrf" } });
    const body = await response.json();
    answer.textContent = `${response.status} ${response.statusText}\n${JSON.stringify(body, null, 2)}`;
    answer.dataset.state = response.ok ? "ok" : "refused";
    answer.hidden = false;
  });
}
