/** The usual emoji by Slack's short names. A name that is not here stays as text. */

import { el } from "./dom.js";

const TABLE = `
eyes 👀 white_check_mark ✅ heavy_check_mark ✔️ rotating_light 🚨 +1 👍 thumbsup 👍 -1 👎 thumbsdown 👎 tada 🎉 heart ❤️ fire 🔥 warning ⚠️
x ❌ heavy_multiplication_x ✖️ no_entry ⛔ no_entry_sign 🚫 question ❓ exclamation ❗ bangbang ‼️ bulb 💡 wave 👋 pray 🙏 clap 👏 raised_hands 🙌
raised_hand ✋ ok_hand 👌 muscle 💪 point_right 👉 point_left 👈 point_up ☝️ point_down 👇 handshake 🤝 writing_hand ✍️ smile 😄 smiley 😃 grin 😁
grinning 😀 joy 😂 sweat_smile 😅 slightly_smiling_face 🙂 wink 😉 blush 😊 thinking_face 🤔 neutral_face 😐 confused 😕 cry 😢 sob 😭 scream 😱
face_with_rolling_eyes 🙄 facepalm 🤦 shrug 🤷 sleeping 😴 zzz 💤 partying_face 🎉 100 💯 rocket 🚀 star ⭐ sparkles ✨ zap ⚡ boom 💥 bug 🐛
wrench 🔧 hammer 🔨 hammer_and_wrench 🛠️ gear ⚙️ lock 🔒 unlock 🔓 key 🔑 bell 🔔 no_bell 🔕 mega 📣 loudspeaker 📢 speech_balloon 💬 memo 📝
pencil 📝 pencil2 ✏️ clipboard 📋 pushpin 📌 paperclip 📎 link 🔗 mag 🔍 ticket 🎫 label 🏷️ package 📦 inbox_tray 📥 outbox_tray 📤 email 📧
envelope ✉️ phone ☎️ telephone_receiver 📞 calendar 📅 date 📅 spiral_calendar_pad 🗓️ hourglass ⌛ hourglass_flowing_sand ⏳ alarm_clock ⏰
stopwatch ⏱️ clock1 🕐 clock3 🕒 clock9 🕘 chart_with_upwards_trend 📈 chart_with_downwards_trend 📉 bar_chart 📊 moneybag 💰 credit_card 💳
red_circle 🔴 large_orange_circle 🟠 large_yellow_circle 🟡 large_green_circle 🟢 large_blue_circle 🔵 white_circle ⚪ black_circle ⚫
large_red_square 🟥 large_green_square 🟩 small_red_triangle 🔺 arrow_up ⬆️ arrow_down ⬇️ arrow_right ➡️ arrow_left ⬅️ arrows_counterclockwise 🔄
repeat 🔁 leftwards_arrow_with_hook ↩️ arrow_right_hook ↪️ double_vertical_bar ⏸️ arrow_forward ▶️ black_square_for_stop ⏹️ fast_forward ⏩
information_source ℹ️ sos 🆘 new 🆕 ok 🆗 construction 🚧 shield 🛡️ robot_face 🤖 busts_in_silhouette 👥 bust_in_silhouette 👤 ghost 👻 coffee ☕
palm_tree 🌴 house 🏠 computer 💻 file_folder 📁 open_file_folder 📂 wastebasket 🗑️ books 📚 see_no_evil 🙈 snail 🐌 sunny ☀️ crescent_moon 🌙
heavy_plus_sign ➕ heavy_minus_sign ➖ vertical_traffic_light 🚦 ambulance 🚑 ladybug 🐞 bookmark 🔖 hand ✋ one 1️⃣ two 2️⃣ three 3️⃣`;

const words = TABLE.trim().split(/\s+/);
const EMOJI = new Map(words.flatMap((word, n) => (n % 2 ? [] : [[word, words[n + 1]]])));

/** What the picker offers, most used on cases first. */
export const PICKER = [
  "eyes", "white_check_mark", "rotating_light", "+1", "pray", "tada", "heart", "thinking_face", "raised_hands",
  "wave", "fire", "warning", "x", "hourglass_flowing_sand", "rocket", "bug", "memo", "100",
];

/** The character for a short name (a skin tone is dropped), or null. */
export const emojiOf = (name) => EMOJI.get(name.split("::")[0]) ?? null;

/** An emoji as an image with its name, or the `:name:` itself when it is not known. */
export function emoji(name) {
  const character = emojiOf(name);
  if (character === null) return document.createTextNode(`:${name}:`);
  return el("span", { class: "emoji", role: "img", "aria-label": name.replaceAll("_", " "), title: `:${name}:` }, character);
}
