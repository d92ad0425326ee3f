package report

import (
	"net/netip"
	"slices"
	"strconv"

	"github.com/bmatcuk/doublestar/v4"

	"why401/detectors"
)

// A Filter chooses findings and events. Lists that are empty choose all; a
// finding that lacks what a list asks for isn't chosen.
type Filter struct {
	Causes  []string
	Clients []netip.Prefix
	Users   []string
	Paths   []string // patterns: * within a segment, ** across
	Status  []StatusRange
}

// A StatusRange is one status, or a class such as 4xx.
type StatusRange struct{ Min, Max int }

// Empty reports whether f chooses everything.
func (f *Filter) Empty() bool {
	return f == nil || len(f.Causes)+len(f.Clients)+len(f.Users)+len(f.Paths)+len(f.Status) == 0
}

// Fields are what a Filter looks at.
type Fields struct {
	Cause, Client, User, Path string
	Status                    int
}

// MatchFields reports whether f chooses something with these fields.
func (f *Filter) MatchFields(x *Fields) bool {
	return f.Empty() ||
		(len(f.Causes) == 0 || slices.Contains(f.Causes, x.Cause)) &&
			(len(f.Clients) == 0 || f.client(x.Client)) &&
			(len(f.Users) == 0 || slices.Contains(f.Users, x.User)) &&
			(len(f.Paths) == 0 || f.path(x.Path)) &&
			(len(f.Status) == 0 || slices.ContainsFunc(f.Status, func(r StatusRange) bool { return r.Min <= x.Status && x.Status <= r.Max }))
}

// Match reports whether f chooses finding.
func (f *Filter) Match(finding detectors.Finding) bool {
	if f.Empty() {
		return true
	}
	switch x := finding.(type) {
	case *detectors.CauseFinding:
		return f.MatchFields(&Fields{x.Cause, x.SourceIP, x.User, x.Path, x.Status})
	case *detectors.SpikeFinding:
		return len(f.Paths)+len(f.Status) == 0 &&
			(len(f.Causes) == 0 || slices.Contains(f.Causes, x.Cause)) &&
			(len(f.Users) == 0 || slices.ContainsFunc(x.CompromisedUsers, func(u string) bool { return slices.Contains(f.Users, u) })) &&
			(len(f.Clients) == 0 || slices.ContainsFunc(x.SourceIPs, f.client))
	}
	return false
}

func (f *Filter) client(s string) bool {
	addr, err := netip.ParseAddr(s)
	if err != nil {
		return false
	}
	addr = addr.Unmap().WithZone("")
	return slices.ContainsFunc(f.Clients, func(p netip.Prefix) bool { return p.Contains(addr) })
}

func (f *Filter) path(s string) bool {
	return s != "" && slices.ContainsFunc(f.Paths, func(p string) bool { return doublestar.MatchUnvalidated(p, s) })
}

// ParsePrefix reads an address or a CIDR.
func ParsePrefix(s string) (netip.Prefix, bool) {
	if addr, err := netip.ParseAddr(s); err == nil {
		addr = addr.Unmap().WithZone("")
		return netip.PrefixFrom(addr, addr.BitLen()), true
	}
	p, err := netip.ParsePrefix(s)
	if err == nil && p.Addr().Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p.Masked(), err == nil
}

// ParseStatus reads 401, 4xx or 400-403.
func ParseStatus(s string) (r StatusRange, ok bool) {
	status := func(s string) int {
		n, err := strconv.Atoi(s)
		if err != nil || n < 100 || n > 599 {
			return 0
		}
		return n
	}
	switch {
	case len(s) == 3 && s[0] >= '1' && s[0] <= '5' && (s[1:] == "xx" || s[1:] == "XX"):
		n := int(s[0]-'0') * 100
		r = StatusRange{n, n + 99}
	case len(s) == 7 && s[3] == '-':
		r = StatusRange{status(s[:3]), status(s[4:])}
	default:
		r = StatusRange{status(s), status(s)}
	}
	return r, r.Min > 0 && r.Min <= r.Max
}
