package rules

import (
	"bytes"
	"slices"
	"strings"

	"why401/parsers"
)

// A name in a program's text sounds like what it stands for: the table
// access_denied_log, the class InvalidTokenTest, a variable `expired_token`. A code
// does, too, but stands where a value or a reason does.

// names reports whether the words at are only the name of a thing: one of several
// words, or quoted, behind a word for what has names, or a part of a longer one that
// ends with a word for a thing or begins with what a program does with it.
func (h *hay) names(at span) bool {
	a, z := int(h.at[at.from]), int(h.at[at.to-1])+1
	for i := a; i < z; i++ {
		if !inName(h.raw[i]) {
			continue
		}
		from, to := i, i
		for from > 0 && inName(h.raw[from-1]) {
			from--
		}
		for to < len(h.raw) && inName(h.raw[to]) {
			to++
		}
		i = to
		for to > from && (h.raw[to-1] == '.' || h.raw[to-1] == ':') { // the end of a sentence
			to--
		}
		of := wordBefore(h.raw, from)
		several := compound(h.raw[from:to])
		if (several || quote(h.raw, from-1)) && slices.Contains(declared, of) {
			return true
		}
		if dotted(h.raw[from:to]) && slices.Contains(keyed, of) {
			return true
		}
		if from <= a && z <= to && (several || to-from > z-a) &&
			(things[h.nextWord(at.to, z, to)] || slices.Contains(doing, firstWord(h.raw[from:a])) || slices.Contains(named, of)) {
			return true
		}
	}
	return false
}

// isName reports whether the words at are only a name's or a title's, and remembers it.
func (c *Classifier) isName(r *parsers.Record, at span) bool {
	h := c.hay
	if r.Status >= 400 || r.Outcome == parsers.Failure || at.to > h.reason.to || at.to <= at.from {
		return false
	}
	if h.names(at) || at.to < h.reason.to && h.edge[at.to] && h.ofThing(at.to) || c.quoted(at) {
		c.dismissed = true
		return true
	}
	return false
}

// quoted reports whether the words at are quoted by a text that tells of no failure
// and nothing of its own about who may enter: a report's title, a flag.
func (c *Classifier) quoted(at span) bool {
	h := c.hay
	from, to := int(h.at[at.from])-1, int(h.at[at.to-1])+1
	for end := max(0, from-maxQuote); from >= end && !quote(h.raw, from); from-- {
	}
	for end := min(len(h.raw), to+maxQuote); to < end && h.raw[to] != '\n' && !quote(h.raw, to); to++ {
	}
	if !quote(h.raw, from) || !quote(h.raw, to) || h.raw[from] != h.raw[to] || from > 1 && (h.raw[from-1] != ' ' || !isAlnum(h.raw[from-2])) || to+1 < len(h.raw) && isAlnum(h.raw[to+1]) {
		return false
	}
	before, after := span{h.reason.from, at.from}, span{at.to, h.reason.to}
	for before.to > before.from && int(h.at[before.to-1]) > from {
		before.to--
	}
	for after.from < after.to && int(h.at[after.from]) < to {
		after.from++
	}
	const words = 8 // bytes, squashed, that make two
	if before.to-before.from+after.to-after.from < words {
		return false
	}
	for _, part := range [...]span{before, after} {
		if c.count(&c.set.own, part, 1)+c.count(&c.set.outcome, part, 1) > 0 {
			return false
		}
	}
	return true
}

const maxQuote = 100

// outcomeWords say that something came of a request.
var outcomeWords = Condition{Field: "keywords", Op: Contains, Values: []string{
	"fail", "error", "refus", "reject", "den", "invalid", "because", "reason", "exception", "code", "status", "said", "says", "answer", "return",
	"got", "message", "due to", "response", "request", "client", "user", "wrong", "unable", "cannot", "could not", "with", "event", "forbid", "must", "required",
}}

// quote reports whether raw[i] is a quotation mark.
func quote(raw []byte, i int) bool {
	return i >= 0 && i < len(raw) && (raw[i] == '\'' || raw[i] == '"' || raw[i] == '`')
}

// inName reports whether b may stand in a name.
func inName(b byte) bool {
	return isAlnum(b) || b == '_' || b == '-' || b == '.' || b == '/' || b == '\\' || b == ':'
}

// compound reports whether a name is made of several words.
func compound(name []byte) bool {
	for i, b := range name {
		if b == '_' || b == '-' || i > 0 && classes[b]&capital != 0 && 'a' <= name[i-1] && name[i-1] <= 'z' {
			return true
		}
	}
	return false
}

// dotted reports whether a name is one of settings or messages: "login.title".
func dotted(name []byte) bool {
	dot := bytes.IndexByte(name, '.')
	return dot > 0 && dot+1 < len(name) && 'a' <= name[dot-1] && name[dot-1] <= 'z' && 'a' <= name[dot+1] && name[dot+1] <= 'z'
}

// keyed stand before such names.
var keyed = strings.Fields("key setting option property parameter variable")

// ofThing reports whether the word that ends at text[i] only says of which thing the
// next one is: in "login widget failed" no login did.
func (h *hay) ofThing(i int) bool {
	to := i + 1
	for to < len(h.text) && !h.edge[to] && to-i <= 12 {
		to++
	}
	return to <= len(h.text) && bare[string(h.text[i:min(to, len(h.text))])]
}

// nextWord returns the word that begins at text[i], if it belongs to the name that
// ends at raw[to].
func (h *hay) nextWord(i, z, to int) string {
	if z >= to || i >= len(h.text) {
		return ""
	}
	for i < len(h.text) && int(h.at[i]) < to && !isAlnum(h.text[i]) {
		i++
	}
	end := i
	for end < len(h.text) && int(h.at[end]) < to && isAlnum(h.text[end]) && (end == i || !h.edge[end]) {
		end++
	}
	return string(h.text[i:end])
}

// firstWord returns the first word of the beginning of a name, in lower case.
func firstWord(b []byte) string {
	if i := bytes.LastIndexAny(b, ".:/\\"); i >= 0 {
		b = b[i+1:]
	}
	i := 0
	for i < len(b) && isAlnum(b[i]) && (i == 0 || classes[b[i]]&capital == 0) {
		i++
	}
	return strings.ToLower(string(b[:i]))
}

// wordBefore returns the word before raw[i] and the quotes there, in lower case.
func wordBefore(raw []byte, i int) string {
	for i > 0 && strings.IndexByte(" '\"`‘“([{", raw[i-1]) >= 0 {
		i--
	}
	if i > 0 && raw[i-1] == ':' {
		i--
	}
	from := i
	for from > 0 && isAlnum(raw[from-1]) {
		from--
	}
	return strings.ToLower(string(raw[from:i]))
}

// things are what a longer name may be the name of.
var things = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`test tests spec it log logs table index idx count counter counts total totals job jobs task tasks list lists page pages
		template view views column html css js json yaml yml xml sql png svg hook hooks banner modal cleaner cleanup purge rate ratio metric metrics gauge
		chart report export import migration widget icon form screen dialog queue topic embedding embeddings history stats statistics handler listener
		alert rule avatar button`) {
		m[w] = true
	}
	return m
}()

// bare are those of them that are no verbs, and so name a thing as a word of their own.
var bare = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`page pages counter counters counts statistics stats metric metrics hook hooks banner modal widget column columns table
		tables template templates cleaner cleanup history chart gauge embeddings icon avatar button job jobs migration totals dashboard`) {
		m[w] = true
	}
	return m
}()

// doing begin the names of functions, files and indexes.
var doing = strings.Fields("idx ix tbl load get set show render export import purge clean cleanup delete remove count max min num add drop create fetch list test should")

// declared stand before the names of what has no other words.
var declared = strings.Fields(`class function method variable module package table column relation symbol namespace import task object tag changeset target flag feature experiment template
	into job step stage counter gauge suite chart report setting`)

// named stand before names.
var named = strings.Fields(`variable function class method symbol type table column relation field index view property constant macro file template
	flag feature toggle module package migration changeset constraint trigger option parameter argument setting identifier metric label rule alert job
	task dag step stage queue topic undefined test suite running dag partition`)
