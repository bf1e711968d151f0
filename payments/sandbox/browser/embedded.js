// The inside of the checkout overlay. It speaks to the shop's page by messages alone.
(function () {
  "use strict";

  const config = JSON.parse(document.getElementById("config").textContent);
  const $ = (id) => document.getElementById(id);
  const steps = ["choose", "otp-step", "waiting", "done"];
  const tabs = { card: $("tab-card"), upi: $("tab-upi") };
  let attempt = 0;
  let chosen = {}; // what is paid with, once a card or a saved one was chosen

  function tell(type, data) {
    window.parent.postMessage({ type, data }, config.origin || "*");
  }

  function show(step) {
    for (const id of steps) $(id).hidden = id !== step;
  }

  function complain(text, input) {
    $("problem").textContent = text || "";
    $("problem").hidden = !text;
    for (const each of document.querySelectorAll("input")) each.removeAttribute("aria-invalid");
    if (!input) return;
    input.setAttribute("aria-invalid", "true");
    input.focus();
  }

  function select(name) {
    for (const [each, tab] of Object.entries(tabs)) {
      tab.setAttribute("aria-selected", String(each === name));
      tab.tabIndex = each === name ? 0 : -1;
      $(`panel-${each}`).hidden = each !== name;
    }
    complain("");
  }

  function sample(list, what, note, onClick) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    for (const [name, text] of [["what", what], ["note", note]]) {
      const part = document.createElement("span");
      part.className = name;
      part.textContent = text;
      button.appendChild(part);
    }
    button.addEventListener("click", onClick);
    item.appendChild(button);
    $(list).appendChild(item);
  }

  const grouped = (digits) => digits.replace(/(.{4})(?=.)/g, "$1 ");
  const digitsOf = (input) => input.value.replace(/\D/g, "");

  function fill(card) {
    $("number").value = grouped(card.number);
    $("expiry").value = `12/${String(new Date().getFullYear() + 4).slice(2)}`;
    $("cvv").value = card.network === "American Express" ? "1234" : "123";
    complain("");
    $("panel-card").querySelector(".go").focus();
  }

  async function ask(address, options) {
    try {
      const response = await fetch(address, options);
      return await response.json();
    } catch {
      const description = "The payment could not be sent. Please try again.";
      return { error: { code: "NETWORK_ERROR", description, metadata: { order_id: config.order_id } } };
    }
  }

  function pay(fields) {
    const own = ++attempt;
    complain("");
    show("waiting");
    wait("Talking to the bank", "Please keep this window open.");
    const body = { key_id: config.key_id, order_id: config.order_id, ...config.prefill, ...fields };
    const headers = { "Content-Type": "application/json" };
    const options = { method: "POST", headers, body: JSON.stringify(body) };
    ask("/v1/payments/create/checkout", options).then((answer) => own === attempt && settle(answer));
  }

  function settle(answer) {
    if (answer.error) return refuse(answer.error);
    if (answer.razorpay_signature) return succeed(answer);
    const id = answer.razorpay_payment_id;
    wait("Approve the payment in your UPI app", "We are waiting for the answer of your bank.", id);
    const own = attempt;
    setTimeout(() => own === attempt && poll(id, own), 700);
  }

  const about = (id, act) => `/v1/payments/${id}/${act}?key_id=${encodeURIComponent(config.key_id)}`;

  async function poll(id, own) {
    const answer = await ask(about(id, "status"));
    if (own !== attempt) return;
    const lost = answer.error && answer.error.code === "NETWORK_ERROR";
    if (lost) setTimeout(() => own === attempt && poll(id, own), 2000);
    else settle(answer);
  }

  function wait(title, text, id) {
    $("waiting-title").textContent = title;
    $("waiting-text").textContent = text;
    const appears = id && $("give-up").hidden;
    $("give-up").hidden = !id;
    $("give-up").onclick = async () => {
      attempt += 1;
      settle(await ask(about(id, "cancel"), { method: "POST" }));
    };
    if (appears) $("give-up").focus();
  }

  function refuse(error) {
    show("choose");
    complain(error.description);
    tell("failed", error);
    document.querySelector('[role="tab"][aria-selected="true"]').focus();
  }

  function succeed(response) {
    show("done");
    setTimeout(() => tell("success", response), 900);
  }

  function submitCard(event) {
    event.preventDefault();
    const number = digitsOf($("number"));
    const card = config.cards.find((one) => one.number === number);
    if (!card) return complain("Choose one of the test cards below.", $("number"));
    if (!/^(0[1-9]|1[0-2])\/\d\d$/.test($("expiry").value)) {
      return complain("Enter the expiry date as MM/YY.", $("expiry"));
    }
    if (!/^\d{3,4}$/.test($("cvv").value)) return complain("Enter a CVV of 3 or 4 digits.", $("cvv"));
    const [month, year] = $("expiry").value.split("/");
    askCode(number.slice(-4), {
      card: { number, expiry_month: month, expiry_year: year },
      save: $("save").checked ? 1 : 0,
    });
  }

  function askCode(last4, fields) {
    chosen = fields;
    complain("");
    $("last4").textContent = last4;
    $("otp").value = "";
    show("otp-step");
    $("otp").focus();
  }

  function submitOtp(event) {
    event.preventDefault();
    pay({ method: "card", customer_id: config.customer_id, ...chosen, otp: $("otp").value });
  }

  function submitUpi(event) {
    event.preventDefault();
    const vpa = $("vpa").value.trim();
    if (!vpa.includes("@")) return complain("Enter a UPI id, such as success@razorpay.", $("vpa"));
    pay({ method: "upi", vpa });
  }

  function onKey(event) {
    if (event.key === "Escape" && config.escape) leave();
    if (event.key !== "Tab") return;
    const all = [...document.querySelectorAll("button, input")];
    const stops = all.filter((one) => one.offsetParent && one.tabIndex >= 0);
    const [first, last] = [stops[0], stops[stops.length - 1]];
    const from = event.shiftKey ? first : last;
    if (document.activeElement !== from) return;
    event.preventDefault();
    (event.shiftKey ? last : first).focus();
  }

  function leave() {
    if ($("done").hidden) tell("dismiss");
  }

  function onTabKey(event) {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const other = tabs.card === document.activeElement ? "upi" : "card";
    select(other);
    tabs[other].focus();
  }

  function brand() {
    const name = config.name || "Payment";
    $("shop").textContent = name;
    $("description").textContent = config.description;
    $("amount").textContent = config.amount;
    $("mark").textContent = name.slice(0, 1).toUpperCase();
    if (config.image) {
      const image = document.createElement("img");
      image.alt = "";
      image.src = config.image;
      image.addEventListener("load", () => $("mark").replaceChildren(image));
    }
    if (/^#[0-9a-f]{6}$/i.test(config.color)) paint(config.color);
    for (const button of document.querySelectorAll(".go")) button.textContent = `Pay ${config.amount}`;
  }

  function paint(color) {
    const [red, green, blue] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
    const bright = (red * 299 + green * 587 + blue * 114) / 1000 > 150;
    document.documentElement.style.setProperty("--brand", color);
    document.documentElement.style.setProperty("--on-brand", bright ? "#16202e" : "#fff");
  }

  function start() {
    brand();
    $("close").addEventListener("click", leave);
    $("backdrop").addEventListener("click", () => config.backdropclose && leave());
    document.addEventListener("keydown", onKey);
    if (config.problem) {
      show("");
      complain(config.problem);
      return $("close").focus();
    }
    $("saving").hidden = !config.customer_id;
    $("saved").hidden = !config.saved.length;
    for (const { token, last4, note } of config.saved) {
      sample("saved-cards", `•••• ${last4}`, note, () => askCode(last4, { token }));
    }
    for (const card of config.cards) {
      const note = card.reason ? card.reason.replaceAll("_", " ") : card.note;
      sample(card.reason ? "bad-cards" : "good-cards", grouped(card.number), note, () => fill(card));
    }
    for (const [vpa, meaning] of Object.entries(config.upi)) {
      sample("upi-ids", vpa, meaning, () => {
        $("vpa").value = vpa;
        complain("");
        $("panel-upi").querySelector(".go").focus();
      });
    }
    for (const [name, tab] of Object.entries(tabs)) {
      tab.addEventListener("click", () => select(name));
      tab.addEventListener("keydown", onTabKey);
    }
    $("number").addEventListener("input", () => {
      $("number").value = grouped(digitsOf($("number")));
    });
    $("expiry").addEventListener("input", (event) => {
      const typed = digitsOf($("expiry"));
      const deleting = (event.inputType || "").startsWith("delete");
      if (typed.length >= 2 && !deleting) $("expiry").value = `${typed.slice(0, 2)}/${typed.slice(2, 4)}`;
    });
    $("back").addEventListener("click", () => {
      show("choose");
      tabs.card.focus();
    });
    $("panel-card").addEventListener("submit", submitCard);
    $("otp-step").addEventListener("submit", submitOtp);
    $("panel-upi").addEventListener("submit", submitUpi);
    show("choose");
    select(config.method === "upi" ? "upi" : "card");
    (config.method === "upi" ? $("vpa") : $("number")).focus();
  }

  start();
})();
