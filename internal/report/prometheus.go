package report

import (
	"bufio"
	"fmt"
	"io"
	"strconv"

	"why401/detectors"
	"why401/rules"
)

// prometheus writes the text format of Prometheus (version 0.0.4) for the
// textfile collector of its node exporter. Labels come from our own lists alone,
// and every series is there even where it is 0, so that alerts find it.
type prometheus struct{ w *bufio.Writer }

// NewPrometheus returns a Writer of the report's counts as metrics.
func NewPrometheus(w io.Writer, _ Options) Writer { return prometheus{bufio.NewWriter(w)} }

func (p prometheus) Finding(detectors.Finding) error { return nil }
func (p prometheus) Flush() error                    { return nil }

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
	p.head("why401_leaks", "Credentials that stand in the logs, by severity.")
	for _, v := range Severities {
		p.value("why401_leaks", "severity", string(v), float64(leaks[v]))
	}
	p.single("why401_files", "Files read.", float64(s.Files))
	if m.Stats != nil {
		p.single("why401_unread_files", "Files that could not be read, or not to their ends.", float64(m.unread()))
	}
	p.single("why401_bytes", "Bytes read, decompressed.", float64(s.Bytes))
	p.single("why401_lines", "Lines read.", float64(s.Lines))
	p.single("why401_run_seconds", "How long the run took.", s.Seconds)
	return p.w.Flush()
}

func (p prometheus) failures(m *Model) {
	p.head("why401_failures", "Refused requests, by cause.")
	for c := range rules.Cause(rules.NumCauses) {
		if c == rules.None || c == rules.BenignChallenge {
			continue
		}
		n := int64(0)
		if by := m.Causes[c]; by != nil {
			n = by.Count
		}
		p.value("why401_failures", "cause", c.String(), float64(n))
	}
	p.single("why401_benign_challenges", "401s that belong to the protocol.", float64(m.Benign))
	s := m.Summary()
	p.single("why401_records", "Entries read.", float64(s.Records))
	var unparsed int64
	for _, n := range s.Unparsed {
		unparsed += n
	}
	p.single("why401_unparsed_records", "Entries that fit no format.", float64(unparsed))
	if _, to := m.span(); !to.IsZero() {
		p.single("why401_last_record_timestamp_seconds", "Time of the latest entry.", float64(to.UnixMilli())/1000)
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
		p.head(metric.name, metric.help)
		for _, kind := range SpikeKinds {
			p.value(metric.name, "kind", kind, float64(metric.by[kind]))
		}
	}
}

func (p prometheus) head(name, help string) {
	_, _ = fmt.Fprintf(p.w, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name)
}

func (p prometheus) value(name, label, value string, n float64) {
	_, _ = fmt.Fprintf(p.w, "%s{%s=%q} %s\n", name, label, value, number(n))
}

func (p prometheus) single(name, help string, n float64) {
	p.head(name, help)
	_, _ = fmt.Fprintf(p.w, "%s %s\n", name, number(n))
}

func number(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }
