"""A page of paper: its fonts, its foot, and the ways to write on it."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from fpdf import FPDF, FontFace

FONTS = Path(__file__).resolve().parents[2] / "fonts"
GREY, BLACK = (100, 106, 118), (17, 24, 39)
LINE_FILL = (243, 244, 246)
HALF = 88  # of the width between the margins, in millimetres
# Fonts by the first sign of their 128; each is read when it is first needed.
SCRIPTS = {
    0x0900: "NotoSansDevanagari.ttf",
    0x0980: "NotoSansBengali.ttf",
    0x0A00: "NotoSansGurmukhi.ttf",
    0x0A80: "NotoSansGujarati.ttf",
    0x0B00: "NotoSansOriya.ttf",
    0x0B80: "NotoSansTamil.ttf",
    0x0C00: "NotoSansTelugu.ttf",
    0x0C80: "NotoSansKannada.ttf",
    0x0D00: "NotoSansMalayalam.ttf",
    **dict.fromkeys((0x1200, 0x1280, 0x1300, 0x1380), "InvoiceEthiopic.ttf"),
}
FIRST_JOINING, LAST_JOINING = 0x0900, 0x0D00
# Heading, width in millimetres and alignment.
Column = tuple[str, float, str]


class Page(FPDF):
    """A4 pages whose foot tells their number and the document they belong to."""

    def __init__(self, *, title: str, number: str, author: str, made_at: datetime) -> None:
        super().__init__(format="A4")
        self.number = number
        self.set_margin(15)
        self.set_auto_page_break(True, margin=18)
        self.add_font("text", "", FONTS / "DejaVuSans.ttf")
        self.add_font("text", "B", FONTS / "DejaVuSans-Bold.ttf")
        self.set_creation_date(made_at)
        self.set_title(f"{title} {number}")
        self.set_author(author)
        self.add_page()

    def footer(self) -> None:
        self.set_y(-13)
        self.write_text(f"{self.number} · page {self.page_no()} of {{nb}}", size=7, color=GREY)

    def _render_styled_text_line(self, *args: Any, **kwargs: Any) -> bool:  # noqa: ANN401
        """Set the font for good before a line that begins with another font.

        fpdf2 2.8.9 would set it for that line alone and take it for set: the next line was
        written with the signs of one font in the shapes of another.
        """
        if not self.current_font_is_set_on_page and self.current_font is not None:
            self._out(self._set_font_for_page(self.current_font, self.font_size_pt))
        return super()._render_styled_text_line(*args, **kwargs)

    def prepare_for(self, *texts: str) -> None:
        """Have the fonts of these texts; let letters join where they must, for it is slow."""
        blocks = {ord(char) & ~0x7F for text in texts for char in text}
        for file in sorted({SCRIPTS[block] for block in blocks & SCRIPTS.keys()}):
            family = file.removesuffix(".ttf").lower()
            if family not in self.fonts:
                self.add_font(family, "", FONTS / file)
                self.set_fallback_fonts([*self._fallback_font_ids, family], exact_match=False)
        self.set_text_shaping(any(FIRST_JOINING <= block <= LAST_JOINING for block in blocks))

    def write_text(
        self,
        text: str,
        *,
        width: float = 0,
        size: float = 8.5,
        style: str = "",
        color: tuple[int, int, int] = BLACK,
        align: str = "L",
    ) -> None:
        """Write lines of text below each other, in a column that begins where we are."""
        self.prepare_for(text)
        self.set_font("text", style, size)
        self.set_text_color(*color)
        self.multi_cell(width, size * 0.5, text, align=align, new_x="LEFT", new_y="NEXT")

    def write_table(self, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
        """Write rows under headings, which begin every page anew."""
        self.prepare_for(*(text for row in rows for text in row))
        self.set_font("text", "", 7.5)
        self.set_text_color(*BLACK)
        self.set_draw_color(*LINE_FILL)
        with self.table(
            col_widths=tuple(width for _, width, _ in columns),
            text_align=tuple(align for _, _, align in columns),
            headings_style=FontFace(emphasis="BOLD", fill_color=LINE_FILL),
            borders_layout="HORIZONTAL_LINES",
            line_height=4,
            padding=(1, 0.8),
            v_align="TOP",
        ) as table:
            table.row([heading for heading, _, _ in columns])
            for row in rows:
                table.row(row)
        self.ln(4)

    def write_totals(
        self, rows: Sequence[tuple[str, str]], total: tuple[str, str], note: str
    ) -> None:
        """Write labelled amounts at the right, the last one large, all on the same page."""
        self.prepare_for(*(label for label, _ in rows), *total)
        if self.will_page_break(5 * len(rows) + 14):
            self.add_page()
        for row in rows:
            self._write_total(*row)
        self._write_total(*total, "B", 11)
        self.ln(3)
        self.write_text(note, color=GREY, align="R")

    def _write_total(self, label: str, text: str, style: str = "", size: float = 8.5) -> None:
        self.set_font("text", style, size)
        self.set_text_color(*BLACK)
        self.set_x(self.l_margin + self.epw - HALF)
        self.cell(HALF / 2, size * 0.58, label)
        self.cell(HALF / 2, size * 0.58, text, align="R", new_x="LMARGIN", new_y="NEXT")
