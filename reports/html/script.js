(() => {
  const form = document.getElementById("filters");
  const rows = [...document.querySelectorAll("tr[data-verdict]")];
  const apply = () => {
    const words = document.getElementById("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const level = document.getElementById("level").value;
    const verdicts = new Set([...form.querySelectorAll("[name=verdict]:checked")].map((box) => box.value));
    let shown = 0;
    for (const row of rows) {
      const { verdict, level: own, text } = row.dataset;
      row.hidden = !verdicts.has(verdict) || (level && own !== level) || !words.every((word) => text.includes(word));
      shown += row.hidden ? 0 : 1;
    }
    for (const area of document.querySelectorAll(".area")) area.hidden = !area.querySelector("tr[data-verdict]:not([hidden])");
    document.getElementById("shown").textContent = `${shown} of ${rows.length}`;
  };
  form.hidden = false;
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("beforeprint", () => document.querySelectorAll(".failure details").forEach((each) => (each.open = true)));
  apply();
})();
