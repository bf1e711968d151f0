import { waysToPay } from "./pay.js";

const page = JSON.parse(document.getElementById("page").textContent);
const $ = (selector) => document.querySelector(selector);
// What is being paid: the order as the API shows it, and what proves that it is ours.
const state = { order: null, token: "", access: "", paymentId: null };
const ways = waysToPay(page);
const KEPT = "payment-test";

const GOOD = ["paid", "confirmed", "processing", "shipped", "delivered", "succeeded"];
const BAD = ["failed", "cancelled"];

class ApiError extends Error {
  constructor(body) {
    const details = Object.entries(body.details || {})
      .map(([field, text]) => `${field}: ${Array.isArray(text) ? text.join(" ") : JSON.stringify(text)}`)
      .join(" ");
    super(`${body.error || "The shop did not answer."} ${details}`.trim());
  }
}

async function call(method, path, body) {
  const address = new URL(page.api + path, location.origin);
  if (state.token) address.searchParams.set("token", state.token);
  const headers = { Accept: "application/json" };
  if (body) headers["Content-Type"] = "application/json";
  if (state.access) headers.Authorization = `Bearer ${state.access}`;
  const line = note(`${method} ${page.api}${path}`);
  const response = await fetch(address, { method, headers, body: body && JSON.stringify(body) });
  line.append(` → ${response.status}`);
  line.classList.toggle("bad", !response.ok);
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new ApiError(answer);
  return answer;
}

function note(text) {
  const line = document.createElement("li");
  line.textContent = text;
  $("#calls .hint")?.remove();
  $("#calls").append(line);
  return line;
}

function say(text, tone = "") {
  const message = $("#message");
  message.textContent = text;
  message.className = tone;
  message.hidden = !text;
}

/** Run `work` with the buttons off; whatever fails is said. */
async function busy(work) {
  const buttons = [...document.querySelectorAll("button")];
  buttons.forEach((button) => (button.disabled = true));
  try {
    await work();
  } catch (error) {
    say(error.message, "bad");
  } finally {
    buttons.forEach((button) => (button.disabled = false));
  }
}

function badge(name, value) {
  const element = $(`[data-fact="${name}"]`);
  element.textContent = value.replaceAll("_", " ");
  element.classList.toggle("good", GOOD.includes(value));
  element.classList.toggle("bad", BAD.includes(value));
}

async function showOrder(id) {
  const order = (state.order = await call("GET", `orders/${encodeURIComponent(id)}/`));
  $('[data-fact="number"]').textContent = order.number;
  $('[data-fact="total"]').textContent = `${order.total_amount} ${order.currency}`;
  $("#pay").textContent = `Pay ${order.total_amount} ${order.currency}`;
  badge("status", order.status);
  badge("payment_status", order.payment_status);
  $('[data-fact="items"]').replaceChildren(
    ...order.items.map((item) => {
      const line = document.createElement("li");
      line.textContent = `${item.quantity} × ${item.name}`;
      return line;
    }),
  );
  const isOpen = ["pending", "failed"].includes(order.payment_status) && order.status !== "cancelled";
  $("#pay").hidden = $("#gateways").hidden = !isOpen;
  $("#ask").hidden = !isOpen || !state.paymentId;
  $("#choose").hidden = true;
  $("#order").hidden = false;
}

async function loadProducts() {
  const select = $("#demo select");
  const { results } = await call("GET", "products/?in_stock=true&page_size=50");
  const options = results.map((product) => new Option(`${product.name} · ${product.price} ${product.currency}`, product.id));
  select.replaceChildren(...(options.length ? options : [new Option("No products are in stock", "")]));
}

async function placeOrder(form) {
  const field = (name) => form.elements[name].value.trim();
  const address = Object.fromEntries(
    ["full_name", "phone_number", "address_line1", "city", "state", "postal_code", "country"].map((name) => [name, field(name)]),
  );
  state.token = state.access = "";
  state.paymentId = null;
  const product = await call("GET", `products/${field("product")}/`);
  const variant = product.variants.find((one) => one.in_stock) || product.variants[0];
  const cart = await call("POST", "carts/", {});
  await call("POST", `carts/${cart.id}/items/`, { variant: variant.id, quantity: Number(field("quantity")) });
  const place = new URLSearchParams({ country: address.country, postal_code: address.postal_code, cart_id: cart.id });
  const [method] = await call("GET", `shipping-methods/?${place}`);
  if (!method) throw new Error("No shipping method serves this address.");
  const order = await call("POST", "orders/", {
    cart_id: cart.id,
    email: field("email"),
    shipping_address: address,
    shipping_method: method.id,
  });
  state.token = order.access_token;
  await showOrder(order.id);
  say("The order is placed. Pay it with one of the test cards below.");
}

const chosen = () => $("#gateways input:checked").value;

/** Start the payment at the chosen gateway, and let its own page, frame or script take over. */
async function pay() {
  say("");
  $("#element").hidden = true;
  const way = ways[chosen()];
  await way.load();
  const started = await call("POST", "payments/initiate/", { order_id: state.order.id, gateway: chosen() });
  state.paymentId = started.payment_id;
  way.pay(started, state.order, {
    paid: (body) => busy(() => verify(body)),
    failed: (words) => say(`${words} You can try again.`, "bad"),
    left: () => busy(leave),
    away: keep,
  });
}

/** Remember, in this tab alone, what proves that the order is ours. */
function keep() {
  const { order, token, access, paymentId } = state;
  sessionStorage.setItem(KEPT, JSON.stringify({ number: order.number, token, access, paymentId }));
}

async function comeBack(number) {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) || "{}");
  sessionStorage.removeItem(KEPT);
  if (kept.number === number) Object.assign(state, { token: kept.token, access: kept.access });
  await showOrder(number);
  if (kept.number === number) await verify({ payment_id: kept.paymentId });
}

async function verify(body) {
  const answer = await call("POST", "payments/verify/", body);
  await showOrder(answer.order.id);
  const tone = GOOD.includes(answer.status) ? "good" : BAD.includes(answer.status) ? "bad" : "";
  say(`The payment is ${answer.status.replaceAll("_", " ")}, the order is ${answer.order.status}.`, tone);
}

function showCards() {
  $("#element").hidden = true;
  for (const part of document.querySelectorAll("[data-for]")) part.hidden = part.dataset.for !== chosen();
}

async function leave() {
  if (!$("#message").classList.contains("bad")) say("The checkout was closed. You can pay again, or ask the gateway.");
  await showOrder(state.order.id);
}

$("#demo").addEventListener("submit", (event) => {
  event.preventDefault();
  busy(() => placeOrder(event.target));
});
$("#existing").addEventListener("submit", (event) => {
  event.preventDefault();
  const { order, token, access } = event.target.elements;
  [state.token, state.access, state.paymentId] = [token.value.trim(), access.value.trim(), null];
  say("");
  busy(() => showOrder(order.value.trim()));
});
$("#pay").addEventListener("click", () => busy(pay));
$("#ask").addEventListener("click", () => busy(() => verify({ payment_id: state.paymentId })));
$("#another").addEventListener("click", () => {
  say("");
  $("#order").hidden = $("#element").hidden = true;
  $("#choose").hidden = false;
});
$("#gateways").addEventListener("change", showCards);
$("#sandbox").href = page.sandbox;

const asked = new URLSearchParams(location.search);
if (asked.get("order")) {
  state.token = asked.get("token") || "";
  // The token must not stay in the history or leave with a link.
  history.replaceState(null, "", location.pathname);
  busy(() => (state.token ? showOrder : comeBack)(asked.get("order")));
}
showCards();
loadProducts().catch((error) => {
  $("#demo select").replaceChildren(new Option("No products could be read", ""));
  say(error.message, "bad");
});
