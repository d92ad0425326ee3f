package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"why401/rules"
)

// causes tells why requests were refused, and what to do about it.
func (t *text) causes(m *Model) {
	ranked := m.Ranked()
	if m.Benign > 0 && len(ranked) == 0 {
		t.say(fmt.Sprintf("%s only the first leg of a handshake, and nothing to mend.", plural(m.Benign, "401 was", "401s were")))
	}
	if len(ranked) == 0 {
		return
	}
	t.heading("Why requests were refused")
	tab := Table{Columns: []Column{{Name: "cause"}, {Name: "count", Right: true}, {Name: "share", Right: true, Share: true},
		{Name: "clients", Right: true}, {Name: "users", Right: true}}}
	if m.Before != nil {
		tab.Columns = append(tab.Columns, Column{Name: m.Before.when("usual"), Right: true})
	}
	tab.Columns = append(tab.Columns, Column{Name: "seen", Fit: true})
	guess := false
	for _, by := range ranked[:min(len(ranked), t.opt.Top)] {
		name := by.Cause.String()
		if by.Guess() && by.Cause != rules.Unknown {
			guess, name = true, name+"?"
		}
		cells := []string{name, Number(by.Count), share(by.Count, m.Failures), distinct(&by.Clients), distinct(&by.Users)}
		if m.Before != nil {
			cells = append(cells, m.Before.Causes[by.Cause].String())
		}
		tab.Row(append(cells, t.seen(by))...)
	}
	t.table(&tab)
	t.more(t.opt.Top, "--top "+strconv.Itoa(len(ranked))+" shows all", int64(len(ranked)))
	if guess {
		t.small("?: the logs say little, the cause is the likeliest one. The log of the application may say more.")
	}
	if m.Benign > 0 {
		t.small(fmt.Sprintf("Not counted: %s that belong to the protocol (benign_challenge).", plural(m.Benign, "challenge")))
	}
	t.when(m)
	t.heading("What to check first")
	t.defence(m)
	for i, by := range worthwhile(ranked) {
		if i > 0 {
			t.gap()
		}
		t.remedy(m, by)
	}
	t.gap()
	t.small("why401 explain CAUSE tells more about each")
}

// String says a band: 30-60.
func (b Band) String() string {
	if b.Low == b.High {
		return Number(b.Low)
	}
	return Number(b.Low) + "-" + Number(b.High)
}

// seen says when a cause was seen first and last.
func (t *text) seen(by *ByCause) string {
	if by.First.IsZero() {
		return "-"
	}
	return t.span(by.First, by.Last)
}

// worthwhile are the causes to tell about: the three most frequent, and of the
// others those that one change in one place mends for everybody, five in all.
func worthwhile(ranked []*ByCause) []*ByCause {
	list := slices.Clone(ranked[:min(len(ranked), 3)])
	for _, by := range ranked[len(list):] {
		switch by.Cause {
		case rules.ProxyStrippedHeader, rules.CORSPreflight, rules.AuthorizerFailure, rules.IDPUnreachable, rules.ServerMisconfiguration,
			rules.ClockSkew, rules.UnknownKey, rules.InvalidSignature:
			if len(list) < 5 {
				list = append(list, by)
			}
		}
	}
	return list
}

// remedy is the paragraph about one cause.
func (t *text) remedy(m *Model, by *ByCause) {
	info := ruleSet(t.opt).Info(by.Cause)
	t.term(by.Cause.String(), cmp.Or(info.Title, words(by.Cause.String())),
		most("on", &by.TopRoutes, by.Count), most("by", &by.TopClients, by.Count), most("with", &by.TopAgents, by.Count))
	t.advice("means", firstSentences(info.Meaning, 140))
	t.entry("when", t.course(m, by))
	if f := by.Sample; f.Evidence != "" && f != by.Together {
		t.entry("said", fmt.Sprintf("“%s” (%s:%d)", short(Clean(f.Evidence), 120), f.File, f.Line))
	}
	if n := m.ofAttacks(by); 2*n > by.Count {
		t.entry("attack", fmt.Sprintf("%s of them are from attacking addresses", share(n, by.Count)))
		return // what is to be done is told there
	}
	products := m.products()
	for _, r := range []struct{ who, what string }{{"client", info.Client}, {"server", info.Server}, {"proxy", info.Proxy}} {
		t.advice(r.who, firstSentences(forProducts(r.what, products), 140))
	}
}

// course says when it began and ended, for how many, and what many requests
// together tell: that all began to fail a minute after a restart.
func (t *text) course(m *Model, by *ByCause) string {
	var parts []string
	if !by.First.IsZero() && by.Count > 1 {
		parts = append(parts, t.span(by.First, by.Last))
	}
	who := ""
	if n := by.Clients.Len(); n > 1 {
		who = distinct(&by.Clients) + " clients"
	}
	if n := by.Users.Len(); n > 1 {
		who += map[bool]string{true: ", ", false: ""}[who != ""] + distinct(&by.Users) + " users"
	}
	if who != "" {
		parts = append(parts, who)
	}
	s := strings.Join(parts, ", ")
	if f := by.Together; f != nil && f.Evidence != "" {
		if s != "" {
			s += "; "
		}
		if f.Time != nil && by.Count > 1 {
			s += "at " + t.clock(*f.Time) + ": "
		}
		s += f.Evidence
	}
	return s
}

// most names what a cause is all about, or what it is about more than half of the time.
func most(word string, t *Tally, of int64) string {
	top := t.Top(1)
	switch {
	case of == 1 || len(top) == 0 || top[0].N*2 <= of:
		return ""
	case top[0].N == of:
		return "all " + word + " " + short(Clean(top[0].Key), 60)
	}
	return "most " + word + fmt.Sprintf(" %s (%s)", short(Clean(top[0].Key), 60), Number(top[0].N))
}

// products are the programs that wrote the logs, as far as their formats tell,
// by the first word of a format's name.
func (m *Model) products() map[string]bool {
	list := map[string]bool{}
	for i := range m.Stats.Files {
		for format := range m.Stats.Files[i].Formats {
			word, _, _ := strings.Cut(format, "-")
			list[word] = true
		}
	}
	return list
}

// forProducts leaves out of advice the sentences about products ("nginx: ...")
// whose logs weren't read, if one stays that is about a product whose log was.
func forProducts(advice string, products map[string]bool) string {
	var kept []string
	fits := false
	for _, s := range sentences(advice) {
		name, _, ok := strings.Cut(s, ": ")
		word, _, _ := strings.Cut(strings.ToLower(name), " ")
		if !ok || len(name) > 30 || products[word] {
			kept = append(kept, s)
			fits = fits || ok && products[word]
		}
	}
	if !fits {
		return advice
	}
	return strings.Join(kept, " ")
}

// sentences parts s where a sentence ends and the next begins with a capital letter,
// or with the name of what it is about ("nginx: ...").
func sentences(s string) (list []string) {
	s = strings.Join(strings.Fields(s), " ")
	start := 0
	for i := 0; i+2 < len(s); i++ {
		if s[i] != '.' || s[i+1] != ' ' {
			continue
		}
		word, _, _ := strings.Cut(s[i+2:], " ")
		if word != "" && word[0] >= 'A' && word[0] <= 'Z' || strings.HasSuffix(word, ":") {
			list = append(list, s[start:i+1])
			start = i + 2
		}
	}
	return append(list, s[start:])
}

// firstSentences cuts s after the sentences that fit n bytes, at least one.
func firstSentences(s string, n int) string {
	list := sentences(s)
	out := list[0]
	for _, s := range list[1:] {
		if len(out)+1+len(s) > n {
			break
		}
		out += " " + s
	}
	return out
}
