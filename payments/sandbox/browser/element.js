// The inside of the Payment Element. It speaks to the shop's page by messages alone.
(function () {
  "use strict";

  const $ = (id) => document.getElementById(id);
  const digitsOf = (input) => input.value.replace(/\D/g, "");
  const grouped = (digits) => digits.replace(/(.{4})(?=.)/g, "$1 ");

  function show(step) {
    $("card").hidden = step !== "card";
    $("bank").hidden = step !== "bank";
  }

  function incomplete() {
    if (digitsOf($("number")).length < 12) return "Your card number is incomplete.";
    if (digitsOf($("expiry")).length < 4) return "Your card's expiration date is incomplete.";
    if (digitsOf($("cvc")).length < 3) return "Your card's security code is incomplete.";
    return "";
  }

  async function confirm({ key, clientSecret, returnUrl }, authenticated) {
    const intent = clientSecret.split("_secret_")[0];
    const body = new URLSearchParams({
      client_secret: clientSecret,
      return_url: returnUrl || "",
      authenticated,
      "payment_method_data[type]": "card",
      "payment_method_data[card][number]": digitsOf($("number")),
    });
    const headers = { Authorization: `Bearer ${key}` };
    try {
      const response = await fetch(`/stripe/v1/payment_intents/${intent}/confirm`, { method: "POST", headers, body });
      return await response.json();
    } catch {
      return { error: { type: "api_connection_error", message: "The payment could not be sent. Please try again." } };
    }
  }

  /** Show the bank's question; "true" where the customer says yes, "failed" where not. */
  function askCustomer() {
    $("last4").textContent = digitsOf($("number")).slice(-4);
    show("bank");
    $("complete").focus();
    return new Promise((resolve) => {
      $("complete").onclick = () => resolve("true");
      $("fail").onclick = () => resolve("failed");
    });
  }

  async function pay(asked) {
    const message = incomplete();
    if (message) return { error: { type: "validation_error", message } };
    let answer = await confirm(asked, "");
    if (answer.status === "requires_action") {
      answer = await confirm(asked, await askCustomer());
      show("card");
    }
    return answer.error ? { error: answer.error } : { paymentIntent: answer };
  }

  function fill(card) {
    $("number").value = grouped(card.number);
    $("expiry").value = `12 / ${String(new Date().getFullYear() + 4).slice(2)}`;
    $("cvc").value = card.brand === "amex" ? "1234" : "123";
  }

  for (const card of JSON.parse($("cards").textContent)) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    for (const [name, text] of [["what", grouped(card.number)], ["note", card.note]]) {
      const part = document.createElement("span");
      part.className = name;
      part.textContent = text;
      button.appendChild(part);
    }
    button.addEventListener("click", () => fill(card));
    item.appendChild(button);
    $("samples").appendChild(item);
  }

  $("card").addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("message", async (message) => {
    if (message.source !== window.parent || message.data.type !== "confirm") return;
    const answer = await pay(message.data);
    message.source.postMessage({ type: "answer", id: message.data.id, answer }, message.origin);
  });
  new ResizeObserver(() => {
    window.parent.postMessage({ type: "size", height: document.body.offsetHeight }, "*");
  }).observe(document.body);
})();
