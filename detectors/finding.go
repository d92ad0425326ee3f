package detectors

import (
	"net/netip"
	"time"
)

// A Finding is one thing to tell the user: *CauseFinding, *SpikeFinding,
// *LeakFinding or *Note. None has a field for a raw line or a credential.
// JSON names are those of the record formats.
type Finding interface{ FindingType() string }

// FilePlace is a line of a file as the user knows it.
type FilePlace struct {
	File string `json:"file"`
	Line int64  `json:"line"`
}

// A CauseFinding says why one request was refused.
type CauseFinding struct {
	Type       string      `json:"type"` // "cause"
	File       string      `json:"file"`
	Line       int64       `json:"line"`
	EndLine    int64       `json:"end_line,omitempty"`
	Time       *time.Time  `json:"time,omitempty"`
	Cause      string      `json:"cause"`
	Confidence float64     `json:"confidence"` // 0 to 1
	Candidates []string    `json:"candidates,omitempty"`
	Rule       string      `json:"rule,omitempty"`
	Evidence   string      `json:"evidence,omitempty"`
	SourceIP   string      `json:"source_ip,omitempty"`
	User       string      `json:"user,omitempty"`
	Method     string      `json:"method,omitempty"`
	Path       string      `json:"path,omitempty"`
	UserAgent  string      `json:"-"` // whole; reports tell the program alone
	Status     int         `json:"status,omitempty"`
	Layer      string      `json:"layer,omitempty"`
	Related    []FilePlace `json:"related,omitempty"`
}

// A SpikeFinding is one campaign, outage or broken client.
type SpikeFinding struct {
	Type             string    `json:"type"` // "spike"
	ID               string    `json:"id"`
	Phase            string    `json:"phase"`          // opened, grown, closed; another round within a day makes it grow once more
	Kind             string    `json:"kind"`           // credential_stuffing, password_spraying, brute_force, token_guessing, auth_outage, broken_client
	Start            time.Time `json:"start,omitzero"` // absent, as the others, where the log has no times
	End              time.Time `json:"end,omitzero"`
	DetectedAt       time.Time `json:"detected_at,omitzero"`
	Severity         Severity  `json:"severity"`
	Technique        string    `json:"technique,omitempty"` // MITRE ATT&CK id
	SourceIPs        []string  `json:"source_ips,omitempty"`
	SourceIPCount    int       `json:"source_ip_count,omitempty"` // only where SourceIPs was cut at 10,000
	SourceNetworks   []string  `json:"source_networks,omitempty"`
	UsersCount       int       `json:"users_count"`
	Attempts         int       `json:"attempts"`
	Failures         int       `json:"failures"`
	Successes        int       `json:"successes"`
	CompromisedUsers []string  `json:"compromised_users,omitempty"`
	Cause            string    `json:"cause,omitempty"` // of an outage
	Reason           string    `json:"reason"`

	Bans []netip.Prefix `json:"-"` // addresses and networks to shut out, where that was asked for
}

// A LeakFinding is a credential in a log (CWE-532). It never holds the value, its
// length or a plain hash.
type LeakFinding struct {
	Type        string   `json:"type"` // "leak"
	File        string   `json:"file"`
	Line        int64    `json:"line"`
	Column      int      `json:"column"` // bytes, from 1
	Character   int      `json:"-"`      // UTF-16 code units, from 1, as CI systems count; 0 where unknown
	Kind        string   `json:"kind"`
	Scheme      string   `json:"scheme,omitempty"`
	Location    string   `json:"location,omitempty"`
	Severity    Severity `json:"severity"`
	Confidence  float64  `json:"confidence"`
	Fingerprint string   `json:"fingerprint,omitempty"` // HMAC under the user's key
	Producer    string   `json:"producer,omitempty"`
	Fix         string   `json:"fix,omitempty"`
}

// A Note deserves a word and never fails.
type Note struct {
	Type    string `json:"type"` // "note"
	ID      string `json:"id"`   // challenge_missing, assumed_zone, ...
	File    string `json:"file,omitempty"`
	Line    int64  `json:"line,omitempty"`
	Message string `json:"message"`
}

func (*CauseFinding) FindingType() string { return "cause" }
func (*SpikeFinding) FindingType() string { return "spike" }
func (*LeakFinding) FindingType() string  { return "leak" }
func (*Note) FindingType() string         { return "note" }

// Severity is a Sigma level.
type Severity string

const (
	Informational Severity = "informational"
	Low           Severity = "low"
	Medium        Severity = "medium"
	High          Severity = "high"
	Critical      Severity = "critical"
)
