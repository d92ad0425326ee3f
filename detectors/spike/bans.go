package spike

import (
	"net/netip"
	"slices"
)

// bans lists the addresses of an attack that can be shut out without shutting out
// anybody else, and the networks that are at fault themselves, sorted: none is
// allowed, private, or one behind which real users got in, as customers may have, or
// where somebody may have forgotten the password.
func (t *Tracker) bans(c *campaign, customers []theft) (list []netip.Prefix) {
	if c.view >= viewBroken || c.gaveUp() {
		return nil
	}
	var nets []netip.Prefix
	for _, n := range c.nets {
		if c.holds(n) && !t.inhabited(n) && !slices.ContainsFunc(t.cfg.Allow, n.Overlaps) {
			nets = append(nets, n)
		}
	}
	homes := map[uint64]bool{}
	for _, x := range customers {
		homes[x.src] = true
	}
	free := func(a netip.Addr) bool {
		s := t.sources.get(sourceKey(a))
		return s != nil && !s.lived() && !homes[s.key] && public(a) && !slices.ContainsFunc(nets, func(n netip.Prefix) bool { return n.Contains(a) })
	}
	whole := map[netip.Prefix]bool{}
	for _, n := range c.subnets() {
		if whole[n] = free(n.Addr()) && !slices.ContainsFunc(t.cfg.Allow, n.Overlaps); whole[n] {
			list = append(list, n)
		}
	}
	for a := range c.addrs.n {
		if n, _ := a.Prefix(64); a.Is6() && whole[n] || !free(a) || t.allowed(a) {
			continue
		}
		list = append(list, netip.PrefixFrom(a, a.BitLen()))
	}
	list = append(list, nets...)
	slices.SortFunc(list, func(a, b netip.Prefix) int { return a.Addr().Compare(b.Addr()) })
	return slices.Compact(list)
}

// lived says that somebody got in from s, or used to, who isn't known for a thief.
func (s *source) lived() bool { return s.crowd || s.known > s.taken || s.okAt[token] != 0 }

// inhabited says that real users get in from n.
func (t *Tracker) inhabited(n netip.Prefix) bool {
	for i := range t.sources.n {
		if s := t.sources.at(int32(i)); s.lived() && n.Contains(addressOf(s.key)) {
			return true
		}
	}
	return false
}

// public says that a is an address of the internet: others are a proxy's, or a
// neighbour's.
func public(a netip.Addr) bool {
	return a.IsGlobalUnicast() && !a.IsPrivate() && !carrierGrade.Contains(a)
}

var carrierGrade = netip.MustParsePrefix("100.64.0.0/10") // RFC 6598: never seen on the internet
