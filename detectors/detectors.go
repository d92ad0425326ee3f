// Package detectors holds what the detectors share: the Attempt, which is what
// outlives a block of an entry about authentication, and the findings.
package detectors

import (
	"net/netip"
	"time"

	"why401/parsers"
	"why401/rules"
)

// An Attempt is the part of one log entry that outlives its block. Strings share
// the memory of the block's result: clone them to keep them for long. Keys are
// hashes under a key of this run; 0 means that the entry didn't say.
type Attempt struct {
	Time   int64      // Unix nanoseconds, 0 when unknown
	Client netip.Addr // unmapped; invalid when unknown
	User   string     // user.name

	Path        uint64 // of url.path
	Agent       uint64 // of user_agent.original
	Fingerprint uint64 // of tls.client.ja3 or its kin, never the same as an Agent of that text
	Request     uint64 // of http.request.id
	Trace       uint64 // of trace.id
	Replica     uint64 // of server.address
	Service     uint64 // of service.name: a log may hold several's entries
	Format      uint64 // of why401.format
	Thread      uint64 // of process.pid or the like, of parts of requests
	Place              // of the entry's deciding line

	EndLine int64
	Block   int64 // number of its block in a run that follows logs, from 1; 0 in others
	Status  uint16
	Times   uint16 // how often it happened; 0 is once
	Method  Method
	Kind    Kind
	Part    parsers.Part
	Layer   parsers.Layer
	Sent    parsers.Sent
	Scheme  Scheme // of the credentials that were sent, as far as known
	Success bool   // somebody was let in: a status below 400 that isn't a redirect to a login, or event.outcome

	Fail   *Failure // nil where nothing failed
	Opened *Opening // of an entry that begins a request, and once they are put together of the one that ends it; of an error that other lines may explain
}

// SameLog reports whether a and b stand in one log, for all that is known: in one
// stream, of one service, in one layout. A server writes a line of each layout for a
// request: what happened to its access log, and why to its own.
func (a *Attempt) SameLog(b *Attempt) bool {
	return a.Source == b.Source && a.Format == b.Format && (a.Service == b.Service || a.Service == 0 || b.Service == 0)
}

// An Opening is what the entry that begins a request tells a finding; see parsers.Begins.
// Its strings are redacted.
type Opening struct {
	Place
	Method, Path string
}

// A Place is a line of a source.
type Place struct {
	Source int32 // index of the source in the run
	Line   int64 // from 1
}

// A Failure is what a failed attempt has beyond an Attempt. Its strings are
// redacted and safe to keep.
type Failure struct {
	rules.Verdict
	Method      string
	Path        string
	UserAgent   string
	Fingerprint string // its kind, a space and its value
	RequestID   string
	Origin      string
	Replica     string

	// Lapse is by how much the time of what was refused, as the server's words print
	// it, lies before the time of the entry; negative where it lies ahead, 0 where it
	// isn't told. Of expired tokens and clocks alone.
	Lapse time.Duration
}

// Kind says what an Attempt is about.
type Kind uint8

const (
	Request    Kind = iota // an ordinary request
	Login                  // a name and a password, or the like, were offered
	Token                  // a token endpoint: grant or refresh
	Restart                // a server said that it (re)started; belongs to no request
	Dependency             // a call to the identity provider, JWKS or LDAP failed; belongs to no request unless Request is set
)

// Method is the request method, as far as detectors tell them apart.
type Method uint8

const (
	MethodUnknown Method = iota
	MethodGet
	MethodHead
	MethodPost
	MethodOptions
	MethodOther
)

// Scheme is the auth-scheme of credentials (RFC 9110 section 11.1), as far as
// detectors tell them apart.
type Scheme uint8

const (
	SchemeUnknown Scheme = iota
	SchemeBasic
	SchemeDigest
	SchemeNegotiate // and NTLM
	SchemeBearer    // and DPoP
	SchemeOther
)

// A Tracker follows attempts across a run, on one goroutine, in the order of
// the merge: by event time as far as the sources are sorted, ties by source name
// and line. It never asks the wall clock.
type Tracker interface {
	// Observe takes the next attempt, which is the tracker's only during the call.
	Observe(a *Attempt, report func(Finding))
	// Tick says that event time has reached now though nothing came.
	Tick(now int64, report func(Finding))
	// Due is the event time at which Tick would decide something, as far as is known
	// now; the largest int64 where nothing waits.
	Due() int64
	// Flush is called once, at the end.
	Flush(report func(Finding))
}
