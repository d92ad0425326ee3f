package report

import (
	"io"

	"why401/detectors"
	"why401/rules"
)

// prometheus writes a page of metrics for the textfile collector of its node
// exporter. Labels come from our own lists alone, and every series is there even
// where it is 0, so that alerts find it.
type prometheus struct{ Exposition }

// NewPrometheus returns a Writer of the report's counts as metrics.
func NewPrometheus(w io.Writer, _ Options) Writer { return prometheus{NewExposition(w)} }

func (p prometheus) Finding(detectors.Finding) error { return nil }
func (p prometheus) Flush() error                    { return nil } // the page is written at the end

// SpikeKinds are the kinds of spikes.
var SpikeKinds = []string{"credential_stuffing", "password_spraying", "brute_force", "token_guessing", "auth_outage", "broken_client"}

func (p prometheus) End(m *Model) error {
	s := m.Summary()
	if s.Lines == 0 || s.Records > 0 { // check parses no records, and knows of leaks alone
		p.failures(m)
		p.spikes(m)
	}
	leaks := map[detectors.Severity]int64{}
	for _, g := range m.Groups {
		leaks[g.First.Severity] += g.Count
	}
	p.Head("why401_leaks", "gauge", "Credentials that stand in the logs, by severity.")
	for _, v := range Severities {
		p.Value("why401_leaks", "severity", string(v), float64(leaks[v]))
	}
	p.Single("why401_files", "gauge", "Files read.", float64(s.Files))
	if m.Stats != nil {
		p.Single("why401_unread_files", "gauge", "Files that could not be read, or not to their ends.", float64(m.unread()))
	}
	p.Single("why401_bytes", "gauge", "Bytes read, decompressed.", float64(s.Bytes))
	p.Single("why401_lines", "gauge", "Lines read.", float64(s.Lines))
	p.Single("why401_run_seconds", "gauge", "How long the run took.", s.Seconds)
	return p.Exposition.Flush()
}

func (p prometheus) failures(m *Model) {
	p.Head("why401_failures", "gauge", "Refused requests, by cause.")
	for c := range rules.Cause(rules.NumCauses) {
		if c == rules.None || c == rules.BenignChallenge {
			continue
		}
		n := int64(0)
		if by := m.Causes[c]; by != nil {
			n = by.Count
		}
		p.Value("why401_failures", "cause", c.String(), float64(n))
	}
	p.Single("why401_benign_challenges", "gauge", "401s that belong to the protocol.", float64(m.Benign))
	s := m.Summary()
	p.Single("why401_records", "gauge", "Entries read.", float64(s.Records))
	var unparsed int64
	for _, n := range s.Unparsed {
		unparsed += n
	}
	p.Single("why401_unparsed_records", "gauge", "Entries that fit no format.", float64(unparsed))
	if _, to := m.span(); !to.IsZero() {
		p.Single("why401_last_record_timestamp_seconds", "gauge", "Time of the latest entry.", float64(to.UnixMilli())/1000)
	}
}

func (p prometheus) spikes(m *Model) {
	count, attempts, accounts := map[string]int{}, map[string]int{}, map[string]int{}
	for _, f := range m.Spikes {
		count[f.Kind]++
		attempts[f.Kind] += f.Attempts
		accounts[f.Kind] += len(f.CompromisedUsers)
	}
	for _, metric := range []struct {
		name, help string
		by         map[string]int
	}{
		{"why401_spikes", "Campaigns, outages and broken clients, by kind.", count},
		{"why401_spike_attempts", "Requests that belong to spikes, by kind.", attempts},
		{"why401_compromised_users", "Accounts that attackers got into, by kind of attack.", accounts},
	} {
		p.Head(metric.name, "gauge", metric.help)
		for _, kind := range SpikeKinds {
			p.Value(metric.name, "kind", kind, float64(metric.by[kind]))
		}
	}
}
