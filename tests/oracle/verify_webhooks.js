// Reads [{secret, headers, body}] and answers one line per message: "ok", or what the reference library says against it.
const { Webhook } = require("standardwebhooks");

let text = "";
process.stdin.on("data", (chunk) => (text += chunk));
process.stdin.on("end", () => {
  for (const { secret, headers, body } of JSON.parse(text)) {
    try {
      new Webhook(secret).verify(body, headers);
      console.log("ok");
    } catch (error) {
      console.log(error.message);
    }
  }
});
