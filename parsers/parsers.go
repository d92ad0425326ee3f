// Package parsers reads log entries: it takes wrappers off, joins the lines of
// one entry, and hands out one Record for each. A format is one file that
// registers one value.
package parsers

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// A Parser reads one log format.
type Parser struct {
	Name  string // kebab-case, as in --log-format
	Doc   string // first line is a title; then the products that write it and the source of the layout
	Layer Layer  // who writes it, where the format alone tells

	// First lists the bytes with which an entry can begin; empty means any.
	// Only parsers whose First holds a line's first byte are asked.
	First string
	// Dated tells more of an entry that begins with a date, "2026-11-22": what its
	// first twenty bytes must be, '_' standing for any, or "no" where this format
	// never begins so. Much text does, and most formats need not be asked then.
	Dated string
	// Order sorts the parsers that are asked for one line: lower is asked
	// first. Specific layouts stand below 100, general ones (json, logfmt) at
	// 500, guesses at 900. Equal orders are sorted by name.
	Order int

	// Parse fills r from r.Text and reports whether it is in this format.
	// It must say no quickly. It does not allocate for an ordinary entry,
	// keep r or write to r.Text; slices that it sets lie within r.Text, or
	// in memory from s. Where it says no, it leaves r's fields as they were.
	Parse func(r *Record, s *Scratch) bool

	// Unknown are the variables of a server's format string that the server doesn't
	// have by itself: the user's own, or slips.
	Unknown []string

	own bool // the user's: it may be of lines as they stand, in their wrappers
}

// Layer is the hop that wrote an entry.
type Layer uint8

const (
	LayerUnknown Layer = iota
	Edge
	Gateway
	AuthService
	App
	IDP
)

func (l Layer) String() string {
	return [...]string{"", "edge", "gateway", "auth_service", "app", "idp"}[l]
}

var registry []*Parser

// register adds p to the formats known; it is called from package variables only.
func register(p Parser) *Parser {
	registry = append(registry, &p)
	return &p
}

// All returns every format, by name.
func All() []*Parser {
	all := slices.Clone(registry)
	slices.SortFunc(all, func(a, b *Parser) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// ErrUnknownFormat is returned for a --log-format that names no format.
var ErrUnknownFormat = errors.New("unknown log format")

// Options say how a Reader reads.
type Options struct {
	Format *Parser        // only this format; nil means detect, line by line
	Own    []*Parser      // the user's formats, asked before all others, in this order
	Zone   *time.Location // of stamps without one; nil means UTC

	// Trusted are the proxies whose word on the client counts. Where one of them
	// is the peer, the client is the last address in Forwarded that is none of them.
	Trusted []netip.Prefix
}
