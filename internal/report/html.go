package report

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strconv"
	"strings"
	"sync"
	"unicode"
)

// htmlPage is one HTML file that needs no network and no scripts. It collects the
// report and writes it when it is whole.
type htmlPage struct {
	w        io.Writer
	title    string
	head     *htmlSection // what comes before the first heading
	sections []*htmlSection
	left     int // bytes that may still be taken from logs
	live     bool
}

// NewHTML returns a Writer of the report as one HTML file of at most maxHTML bytes.
func NewHTML(w io.Writer, opt Options) Writer {
	return newText(newHTMLPage(w, "why401 report"), opt.roomy())
}

// NewPlacesHTML returns a Writer of the places of leaks as such a file.
func NewPlacesHTML(w io.Writer, opt Options) Writer {
	return places{newText(newHTMLPage(w, "why401 check"), opt.roomy())}
}

// NewLiveHTML is NewHTML for a page that is served and renews itself, by the
// script page.js beside it.
func NewLiveHTML(w io.Writer, opt Options) Writer {
	p := newHTMLPage(w, "why401 live")
	p.live = true
	return newText(p, opt.roomy())
}

// LivePolicy is the Content-Security-Policy of a live page.
func LivePolicy() string { return policy() + "; script-src 'self'; connect-src 'self'" }

// policy lets a page load its own style and nothing else.
func policy() string {
	sum := sha256.Sum256([]byte(htmlStyle))
	return "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// roomy returns opt with as many lines in tables as a page has room for.
func (opt Options) roomy() Options {
	opt.Top = max(opt.Top, 25)
	return opt
}

func newHTMLPage(w io.Writer, title string) *htmlPage {
	p := &htmlPage{w: w, title: title}
	p.reset()
	return p
}

func (p *htmlPage) reset() { p.head, p.sections, p.left = &htmlSection{}, nil, maxHTMLText }

const (
	maxHTML     = 1_000_000
	maxHTMLText = 700_000 // of it for texts, with the tags of cells; the chart takes at most 200,000
	maxHTMLCell = 1000    // columns of one text
	cellTags    = 60      // bytes of the tags around a cell, or a little more
)

// An htmlSection is a heading and what follows it.
type htmlSection struct {
	ID, Title string
	Blocks    []*htmlBlock
}

// An htmlBlock is one thing on the page; Kind names the part of the template.
type htmlBlock struct {
	Kind, Class string
	Name, Text  string
	Facts       []string
	Entries     []htmlEntry
	Figures     []Figure
	Tables      []*htmlTable
	Chart       *htmlChart
	Lines       []Line
}

type htmlEntry struct {
	Name, Text, Class string
	Advice            bool
}

type htmlTable struct {
	Caption string
	Columns []htmlCell
	Rows    [][]htmlCell
}

type htmlCell struct {
	Name, Label, Text, Class string
	Share                    string // percent, "" for none
}

//go:embed html.css
var htmlStyle string

//go:embed html.tmpl
var htmlSource string

var htmlTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Funcs(template.FuncMap{"prose": proseHTML, "advice": adviceHTML, "cell": cellHTML}).Parse(htmlSource))
})

// htmlFirst is how the file begins, for a folder of logs to be read without it.
const htmlFirst = "<!doctype html><!-- why401 report -->\n"

func (p *htmlPage) flush() error {
	rule := policy()
	if p.live {
		rule = LivePolicy()
	}
	w := bufio.NewWriterSize(p.w, 64<<10)
	_, _ = w.WriteString(htmlFirst)
	err := htmlTemplate().Execute(w, map[string]any{
		"Title": p.title, "Head": p.head, "Sections": p.sections,
		"Style":  template.CSS(htmlStyle), //nolint:gosec // ours
		"Policy": rule, "Live": p.live,
	})
	p.reset()
	if err != nil {
		return err
	}
	return w.Flush()
}

// text cleans and cuts what may come from a log, and counts it.
func (p *htmlPage) text(s string) string {
	if p.spent() {
		return "…"
	}
	s = short(Clean(s), maxHTMLCell)
	p.left -= len(template.HTMLEscapeString(s)) + len("<wbr>")*strings.Count(s, "/") + cellTags
	return s
}

// spent reports that the page is as long as it may be.
func (p *htmlPage) spent() bool { return p.left <= 0 }

func (p *htmlPage) section() *htmlSection {
	if n := len(p.sections); n > 0 {
		return p.sections[n-1]
	}
	return p.head
}

func (p *htmlPage) add(b *htmlBlock) {
	s := p.section()
	s.Blocks = append(s.Blocks, b)
}

// last returns the last block if it is of a kind, else a new one.
func (p *htmlPage) last(kind string) *htmlBlock {
	s := p.section()
	if n := len(s.Blocks); n > 0 && s.Blocks[n-1].Kind == kind {
		return s.Blocks[n-1]
	}
	p.add(&htmlBlock{Kind: kind})
	return s.Blocks[len(s.Blocks)-1]
}

func (p *htmlPage) say(s string) {
	class := ""
	switch { // what was read is small print, the answer is not
	case len(p.sections) == 0 && len(p.head.Blocks) == 0:
		class = "small"
	case len(p.sections) == 0:
		class = "lead"
	}
	p.add(&htmlBlock{Kind: "say", Class: class, Text: p.text(s)})
}

func (p *htmlPage) alarm(colour, s string) {
	p.add(&htmlBlock{Kind: "say", Class: strings.TrimSpace("alarm " + htmlClass(colour)), Text: p.text(s)})
}

func (p *htmlPage) small(s string) {
	p.add(&htmlBlock{Kind: "say", Class: "small", Text: p.text(s)})
}

func (p *htmlPage) heading(s string) {
	id := strings.Map(func(r rune) rune {
		if r == ' ' {
			return '-'
		} else if r == ',' {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
	p.sections = append(p.sections, &htmlSection{ID: id, Title: s})
}

func (p *htmlPage) term(name string, facts ...string) {
	if p.spent() {
		return
	}
	b := &htmlBlock{Kind: "term", Name: p.text(name)}
	for i, f := range facts {
		if i == 0 {
			b.Text = p.text(f)
		} else if f != "" {
			b.Facts = append(b.Facts, p.text(f))
		}
	}
	p.add(b)
}

func (p *htmlPage) entry(label, s string)  { p.addEntry(label, s, false) }
func (p *htmlPage) advice(label, s string) { p.addEntry(label, s, true) }

func (p *htmlPage) addEntry(label, s string, advice bool) {
	if s != "" && !p.spent() {
		b := p.last("term")
		b.Entries = append(b.Entries, htmlEntry{Name: label, Text: p.text(s), Advice: advice})
	}
}

func (p *htmlPage) item(colour, s string) {
	if p.spent() {
		return
	}
	b := p.last("list")
	b.Entries = append(b.Entries, htmlEntry{Text: p.text(s), Class: htmlClass(colour)})
}

func (p *htmlPage) gap()                 { _ = p }
func (p *htmlPage) full() bool           { return true }
func (p *htmlPage) columns() int         { return 72 }
func (p *htmlPage) figures(f []Figure)   { p.add(&htmlBlock{Kind: "figures", Figures: f}) }
func (p *htmlPage) chart(c *Chart)       { p.add(&htmlBlock{Kind: "chart", Chart: p.drawn(c)}) }
func (p *htmlPage) table(t *Table)       { p.addTables("table", t) }
func (p *htmlPage) tables(list []*Table) { p.addTables("tables", list...) }

func (p *htmlPage) addTables(kind string, list ...*Table) {
	b := &htmlBlock{Kind: kind}
	for _, t := range list {
		caption := cmp.Or(p.section().Title, "Places")
		if kind == "tables" {
			caption = strings.ToUpper(t.Columns[0].Name[:1]) + t.Columns[0].Name[1:] + "s"
		}
		b.Tables = append(b.Tables, p.htmlTable(t, caption))
	}
	p.add(b)
}

func (p *htmlPage) htmlTable(t *Table, caption string) *htmlTable {
	h := &htmlTable{Caption: caption}
	for _, c := range t.Columns {
		h.Columns = append(h.Columns, htmlCell{Name: c.Name, Class: c.class()})
	}
	for i, r := range t.rows {
		if p.spent() {
			h.Caption += fmt.Sprintf(" (%s more would make this page too long)", plural(int64(len(t.rows)-i), "line"))
			break
		}
		row := make([]htmlCell, len(r.cells))
		for j, s := range r.cells {
			c := htmlCell{Label: t.Columns[j].Name, Text: p.text(s), Class: t.Columns[j].class()}
			if r.colours != nil && r.colours[j] != "" {
				c.Class = strings.TrimSpace(c.Class + " level " + htmlClass(r.colours[j]))
			}
			if t.Columns[j].Share {
				c.Share = strings.Trim(s, "<>%")
			}
			row[j] = c
		}
		h.Rows = append(h.Rows, row)
	}
	return h
}

func (c *Column) class() string {
	switch {
	case c.Share:
		return "num share"
	case c.Right:
		return "num"
	case c.Fit:
		return "fit"
	}
	return ""
}

func (p *htmlPage) excerpt(file string, lines []Line) {
	b := &htmlBlock{Kind: "excerpt", Name: p.text(file)}
	for _, l := range lines {
		if p.spent() {
			break
		}
		l.Text = p.text(short(Clean(l.Text), 500))
		b.Lines = append(b.Lines, l)
	}
	p.add(b)
}

// htmlClass is the class of a colour.
func htmlClass(colour string) string {
	switch colour {
	case red:
		return "bad"
	case yellow:
		return "warn"
	}
	return ""
}

// adviceHTML returns s as HTML, with what stands between backquotes as code.
func adviceHTML(s string) template.HTML {
	parts := strings.Split(s, "`")
	if len(parts)%2 == 0 { // one of them has no partner
		return proseHTML(s)
	}
	for i, part := range parts {
		if parts[i] = isolated(part); i%2 == 1 {
			parts[i] = "<code>" + parts[i] + "</code>"
		}
	}
	return template.HTML(strings.Join(parts, "")) //nolint:gosec // every part is escaped
}

func proseHTML(s string) template.HTML { return template.HTML(isolated(s)) } //nolint:gosec // escaped

// cellHTML returns s as HTML that may break behind slashes.
func cellHTML(s string) template.HTML {
	return template.HTML(strings.ReplaceAll(template.HTMLEscapeString(s), "/", "/<wbr>")) //nolint:gosec // escaped
}

// isolated escapes s, and puts words with letters that run from right to left
// into elements of their own.
func isolated(s string) string {
	if !strings.ContainsFunc(s, rightToLeft) {
		return template.HTMLEscapeString(s)
	}
	var b strings.Builder
	for i, word := range strings.Split(s, " ") {
		if i > 0 {
			b.WriteByte(' ')
		}
		if escaped := template.HTMLEscapeString(word); strings.ContainsFunc(word, rightToLeft) {
			b.WriteString("<bdi>" + escaped + "</bdi>")
		} else {
			b.WriteString(escaped)
		}
	}
	return b.String()
}

func rightToLeft(r rune) bool {
	return r >= 0x590 && unicode.In(r, unicode.Hebrew, unicode.Arabic, unicode.Syriac, unicode.Thaana, unicode.Nko)
}

// A Figure is one number at the head of a page.
type Figure struct {
	Name, Value string
	Class       string // bad where somebody must act
}

// percent writes a share of a width.
func percent(part, whole float64) string {
	return strconv.FormatFloat(part/whole*100, 'f', 3, 64)
}
