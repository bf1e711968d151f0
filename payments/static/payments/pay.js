/** The ways to pay, one for each gateway: `load` what the browser needs, then `pay`.
 *
 * `pay` is given what the shop started, the order, and what to tell: `paid` with the body of the
 * call that verifies, `failed` with words, `left`, and `away` before the browser leaves the page. */

export function waysToPay({ scripts, sandbox }) {
  const script = (address, name) => load(address, name, sandbox);
  return {
    razorpay: { load: () => script(scripts.razorpay, "Razorpay"), pay: payInOverlay },
    stripe: { load: () => script(scripts.stripe, "Stripe"), pay: payInElement },
    chapa: { load: () => Promise.resolve(), pay: payElsewhere },
  };
}

function load(address, name, sandbox) {
  if (window[name]) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = resolve;
    script.onerror = () => {
      script.remove();
      reject(new Error(`The sandbox does not answer at ${sandbox}. Start it with: python manage.py run_payment_sandbox`));
    };
    document.head.append(script);
  });
}

function payInOverlay(started, order, tell) {
  // No callback_url: the answer is wanted here. A user's block names the customer, too.
  const { key_id: key, callback_url, ...options } = started.razorpay;
  const checkout = new window.Razorpay({
    key, ...options,
    description: `Order ${order.number}`,
    handler: tell.paid,
    modal: { ondismiss: tell.left },
  });
  checkout.on("payment.failed", ({ error }) => tell.failed(error.description));
  checkout.open();
}

/** Show the card's fields on the page; its button may be pressed until a card is taken. */
function payInElement(started, order, tell) {
  const form = document.getElementById("element");
  const { publishable_key, client_secret: clientSecret, return_url } = started.stripe;
  const stripe = window.Stripe(publishable_key);
  const elements = stripe.elements({ clientSecret });
  elements.create("payment").mount(form.querySelector(".fields"));
  form.hidden = false;
  form.onsubmit = async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    const confirmParams = { return_url };
    const { error } = await stripe.confirmPayment({ elements, confirmParams, redirect: "if_required" });
    button.disabled = false;
    if (error) return tell.failed(error.message);
    form.hidden = true;
    return tell.paid({ payment_id: started.payment_id });
  };
}

function payElsewhere(started, order, tell) {
  tell.away();
  location.assign(started.chapa.checkout_url);
}
