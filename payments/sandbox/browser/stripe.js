// The sandbox's stand-in for https://js.stripe.com/v3/: the Payment Element and confirmPayment.
// It sets styles through the CSSOM only, so a strict style-src of the shop does not stop it.
(function () {
  "use strict";

  const base = new URL(document.currentScript.src).origin;
  const frameStyle = { display: "block", width: "100%", height: "320px", border: "0", colorScheme: "light" };

  /** The card's fields, in a frame of the sandbox: their content never reaches the shop's page. */
  class PaymentElement {
    constructor() {
      this.waiting = new Map();
      this.onMessage = this.onMessage.bind(this);
    }

    mount(place) {
      const parent = typeof place === "string" ? document.querySelector(place) : place;
      if (!parent) throw new Error(`There is nothing at "${place}" to mount the element in.`);
      this.frame = document.createElement("iframe");
      this.frame.title = "Secure payment input frame";
      this.frame.src = `${base}/stripe/v3/element`;
      Object.assign(this.frame.style, frameStyle);
      this.loaded = new Promise((resolve) => this.frame.addEventListener("load", resolve));
      window.addEventListener("message", this.onMessage);
      parent.replaceChildren(this.frame);
    }

    unmount() {
      window.removeEventListener("message", this.onMessage);
      if (this.frame) this.frame.remove();
      this.frame = null;
    }

    destroy() {
      this.unmount();
    }

    async ask(question) {
      await this.loaded;
      const id = crypto.getRandomValues(new Uint32Array(1))[0];
      return new Promise((resolve) => {
        this.waiting.set(id, resolve);
        this.frame.contentWindow.postMessage({ ...question, id }, base);
      });
    }

    onMessage(message) {
      // Only our own frame may speak, and only while it shows the sandbox.
      if (!this.frame || message.source !== this.frame.contentWindow || message.origin !== base) return;
      const { type, id, height, answer } = message.data;
      if (type === "size") this.frame.style.height = `${height}px`;
      if (type === "answer" && this.waiting.has(id)) {
        this.waiting.get(id)(answer);
        this.waiting.delete(id);
      }
    }
  }

  class Elements {
    constructor(options) {
      if (!options || !options.clientSecret) throw new Error("elements() needs a clientSecret.");
      this.clientSecret = options.clientSecret;
    }

    create(kind) {
      if (kind !== "payment") throw new Error("The sandbox has the Payment Element alone.");
      this.element = new PaymentElement();
      return this.element;
    }
  }

  class StandIn {
    constructor(key) {
      this.key = key;
    }

    elements(options) {
      return new Elements(options);
    }

    /** Answer {error} or {paymentIntent}; without redirect "if_required" a success leaves the page. */
    async confirmPayment({ elements, confirmParams, redirect }) {
      const returnUrl = confirmParams && confirmParams.return_url;
      if (!returnUrl && redirect !== "if_required") throw new Error("confirmPayment needs a return_url.");
      const { clientSecret } = elements;
      const answer = await elements.element.ask({ type: "confirm", key: this.key, clientSecret, returnUrl });
      if (answer.error || redirect === "if_required") return answer;
      location.assign(returnAddress(returnUrl, clientSecret, answer.paymentIntent));
      return new Promise(() => {}); // the page is on its way elsewhere
    }
  }

  function returnAddress(returnUrl, clientSecret, intent) {
    const address = new URL(returnUrl);
    address.searchParams.set("payment_intent", intent.id);
    address.searchParams.set("payment_intent_client_secret", clientSecret);
    address.searchParams.set("redirect_status", intent.status);
    return address;
  }

  window.Stripe = function Stripe(key) {
    if (!key) throw new Error("Stripe() needs a publishable key.");
    return new StandIn(key);
  };
})();
