package rules

import (
	"slices"
	"strings"
)

// A name in a program's text sounds like what it stands for: the table
// access_denied_log, the class InvalidTokenTest, a variable `expired_token`. A code
// does, too, but stands where a value or a reason does.

// names reports whether the words at are only the name of a thing: a part of a
// longer name that ends with a word for a thing or begins with what a program does
// with it, or a whole one behind a word for what has names.
func (h *hay) names(at span) bool {
	if at.to > h.reason.to || at.to <= at.from {
		return false
	}
	a, z := int(h.at[at.from]), int(h.at[at.to-1])+1
	for _, b := range h.raw[a:z] {
		if !inName(b) {
			return false
		}
	}
	from, to := a, z
	for from > 0 && inName(h.raw[from-1]) {
		from--
	}
	for to < len(h.raw) && inName(h.raw[to]) {
		to++
	}
	for to > z && (h.raw[to-1] == '.' || h.raw[to-1] == ':') { // the end of a sentence
		to--
	}
	if compound(h.raw[a:z]) || to-from > z-a {
		if things[h.nextWord(at.to, z, to)] || slices.Contains(doing, firstWord(h.raw[from:a])) {
			return true
		}
		return slices.Contains(named, wordBefore(h.raw, from))
	}
	return false
}

// isName reports whether the words at are only a name's, and remembers it.
func (c *Classifier) isName(at span) bool {
	if c.hay.names(at) {
		c.dismissed = true
		return true
	}
	return false
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
	if i := strings.LastIndexAny(string(b), ".:/\\"); i >= 0 {
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
		alert rule policy`) {
		m[w] = true
	}
	return m
}()

// doing begin the names of functions, files and indexes.
var doing = strings.Fields("idx ix tbl load get set show render export import purge clean cleanup delete remove count max min num add drop create fetch list test should")

// named stand before names.
var named = strings.Fields(`variable function class method symbol type table column relation field index view property constant macro file template
	flag feature toggle module package migration changeset constraint trigger option parameter argument setting identifier metric label rule alert job
	task dag step stage queue topic undefined test suite running dag partition`)
