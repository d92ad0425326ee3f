package spike

import (
	"fmt"
	"strings"

	"why401/detectors"
)

// looks are what a client's program looks like, hashed: the user agent that it claims,
// and the fingerprint that it can't help. Attackers change the one with each try and
// share the other. 0 is what the log doesn't have.
type looks [numLooks]uint64

const (
	byAgent = iota
	byPrint
	numLooks
)

func looksOf(a *detectors.Attempt) looks { return looks{a.Agent, a.Fingerprint} }

func (l *looks) has(look uint64) bool { return look != 0 && (l[byAgent] == look || l[byPrint] == look) }

// lookKey is the key of the group of all who look so.
func (t *Tracker) lookKey(look uint64) uint64 { return t.mix(look, 7) }

// usualLook says that logins come with this look all the time.
func (t *Tracker) usualLook(look uint64) bool {
	n, all := t.logins.share(look)
	return look != 0 && n >= 10 && 500*n >= all
}

// rareLook says that next to no login comes with this look.
func (t *Tracker) rareLook(look uint64) bool {
	n, all := t.logins.share(look)
	return look != 0 && all >= 1000 && 500*n < all
}

const (
	mostOfCohort = 2  // of so many visits one is enough of a look that few logins have,
	outstanding  = 3  // which is a share so many times smaller,
	someOfCohort = 4  // or one of so many, of a look that next to no logins have,
	farOut       = 30 // a share so many times smaller
	fewLogins    = 20 // of which a share says nothing
)

// cohort names the look that many of the visits share and that few logins have: 0 is none.
func (t *Tracker) cohort(vs []*visit, since int64) (look uint64) {
	counts := map[uint64]int{}
	for _, v := range vs {
		for _, l := range v.comparable() {
			if l != 0 {
				counts[l]++
			}
		}
	}
	best := 0
	for _, v := range vs { // in an order that doesn't depend on keys
		for _, l := range v.comparable() {
			if n := counts[l]; l != 0 && n > best && n >= siteMembers && someOfCohort*n >= len(vs) && t.standsOut(l, n, len(vs), since) {
				look, best = l, n
			}
		}
	}
	return look
}

// comparable are the looks of v that those who log in may have, too: programs that show
// tokens don't, and have fingerprints of their own.
func (v *visit) comparable() []uint64 {
	if v.class == token {
		return v.looks[:byPrint]
	}
	return v.looks[:]
}

// standsOut says that n of all visits are more than logins with this look lead to
// expect, at the times at which they were most. Many of one look come at once when an
// app signs its users out, and few of the others meanwhile.
func (t *Tracker) standsOut(look uint64, n, all int, since int64) bool {
	usual, logins := t.logins.share(look)
	share := (float64(usual) + 0.5) / (float64(logins) + 5)
	most := func(before uint64, since int64) {
		if usual, logins := t.logins.shareOf(look, before, sampled/8, since); logins >= fewLogins {
			share = max(share, float64(usual)/float64(logins))
		}
	}
	most(t.logins.next, since)
	for _, ago := range [...]int64{1, 2, 4, 6, 8, 12, 24} {
		most(uint64(t.logins.since(since-ago*hour)), 0)
	}
	times := float64(n) / float64(all) / share
	return times >= farOut || times >= outstanding && mostOfCohort*n >= all
}

// main is the look of one kind that most visits of c have, 0 where there is none.
func (c *campaign) main(kind int) uint64 {
	if c.look != 0 && c.looks[kind].has(c.look) {
		return c.look
	}
	for look, n := range c.looks[kind].n {
		if 5*int(n) >= 4*c.visits {
			return look
		}
	}
	return 0
}

// sharing says what nearly all of c's addresses have in common and few logins have.
func (t *Tracker) sharing(c *campaign) string {
	if c.sources.len() < siteMembers {
		return ""
	}
	var what []string
	least, usual, logins := c.visits, 0, 0
	for kind := range c.looks {
		look := c.main(kind)
		n := int(c.looks[kind].n[look])
		if look == 0 || 5*n < 4*c.visits || !t.standsOut(look, n, c.visits, c.start) {
			continue
		}
		what, least = append(what, t.words.of(look)), min(least, n)
		if k, all := t.logins.share(look); len(what) == 1 || k < usual {
			usual, logins = k, all
		}
	}
	if what == nil {
		return ""
	}
	who := "all"
	if least < c.visits {
		who = fmt.Sprintf("%d%%", 100*least/c.visits)
	}
	says := fmt.Sprintf("; %s share %s", who, strings.Join(what, " and "))
	if logins >= fewLogins {
		says += fmt.Sprintf(", which %d of the last %d logins have", usual, logins)
	}
	return says
}

// brand finds the look that gives c away: nearly all of its visits have it, and next to
// no customer had before. Whoever gets in with it meanwhile, from wherever, is c's.
func (t *Tracker) brand(c *campaign) {
	if c.worn != 0 || c.class != login || c.view >= viewBroken || c.sources.len() < siteMembers {
		return
	}
	for kind := range c.looks {
		look := c.main(kind)
		if look == 0 || 5*int(c.looks[kind].n[look]) < 4*c.visits {
			continue
		}
		n, all := t.usualBefore(c, kind, look)
		if all < 10*fewLogins { // the log begins shortly before: customers get in far more often than the list hits
			if n, all = t.logins.share(look); hitRate*n > int(c.looks[kind].n[look]) {
				continue
			}
		}
		if all >= 10*fewLogins && 500*n < all {
			c.worn = look
		}
	}
	for seq := t.logins.next - 1; c.worn != 0; seq-- {
		e := t.logins.at(seq)
		if e == nil || e.at < c.start-minute {
			return
		}
		src, acc := t.sources.get(e.srcKey), t.accounts.get(e.user)
		if !e.own && e.looks.has(c.worn) && src != nil && acc != nil {
			t.enter(c, src, acc, intrusion{looks: e.looks, at: e.at, worn: true})
		}
	}
}

// A share is how many of the logins before one have a look.
type share struct {
	look, before, from uint64 // of those with these numbers
	n, all             int
}

// usualBefore counts how many logins had this look before c began. It is asked every
// minute, and counted again where it may have changed.
func (t *Tracker) usualBefore(c *campaign, kind int, look uint64) (n, all int) {
	before := uint64(t.logins.since(c.start))
	u := &c.usual[kind]
	if from := max(t.logins.first, before-min(before, sampled)); u.look != look || u.before != before || u.from != from {
		u.look, u.before, u.from = look, before, from
		u.n, u.all = t.logins.shareOf(look, before, sampled, 0)
	}
	return u.n, u.all
}

// worn keeps a login with the look of a campaign, and says whether it is one.
func (t *Tracker) worn(src *source, acc *account, ls looks, at int64) bool {
	for _, c := range t.camps {
		if ls.has(c.worn) {
			t.enter(c, src, acc, intrusion{looks: ls, at: at, worn: true})
			return true
		}
	}
	return false
}

// lookWords remembers the texts of the latest looks of those who were refused.
type lookWords struct{ kept[lookWord, *lookWord] }

type lookWord struct {
	look uint64
	text string
}

func (w *lookWord) id() uint64 { return w.look }

const mostWords = 1024

// add remembers what a refused client's looks are.
func (w *lookWords) add(l looks, f *detectors.Failure) {
	if l[byAgent] != 0 && f.UserAgent != "" {
		w.set(l[byAgent], "the user agent", f.UserAgent)
	}
	if l[byPrint] != 0 && f.Fingerprint != "" {
		kind, value, _ := strings.Cut(f.Fingerprint, " ")
		w.set(l[byPrint], "the "+kind+" fingerprint", value)
	}
}

func (w *lookWords) set(look uint64, kind, value string) {
	if w.get(look) == nil {
		w.kept.add(lookWord{look, kind + " " + shown(value)})
	}
}

func (w *lookWords) of(look uint64) string {
	if e := w.get(look); e != nil {
		return e.text
	}
	return "a user agent or fingerprint"
}

func (w *lookWords) code(c *coder) {
	w.kept.code(c, func(e *lookWord) {
		c.hash(&e.look)
		c.text(&e.text)
	})
}

// shown is what a client wrote, or its server of it, fit to stand in a sentence: cut, and
// without what any output might take for markup or the address of a page.
func shown(s string) string {
	const longest = 80
	cut := len(s) > longest
	b := []byte(s[:min(len(s), longest)])
	for i, c := range b {
		switch {
		case c|0x20-'a' < 26, c-'0' < 10, strings.IndexByte(" .,;()+-/", c) >= 0 && (c != '/' || i == 0 || b[i-1] != '?'):
		case c == '_' && i > 0 && i+1 < len(b): // JA4's
		case c == '=' && i > 0:
		default:
			b[i] = '?'
		}
	}
	if cut {
		return string(b) + "..."
	}
	return string(b)
}
