// Package alert tells findings to others as they come: to webhooks, to
// Alertmanager, to the system's log and to a file.
//
// Nothing here holds up the reading of logs: what goes over a network waits in a
// bounded queue, and what finds no room there is counted and said. With a folder
// the queues outlive the process.
package alert

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"why401/detectors"
	"why401/internal/report"
)

// An Alert is one finding on its way.
type Alert struct {
	ID      string          `json:"id"` // the same however often this step is told
	Raised  time.Time       `json:"raised"`
	Finding json.RawMessage `json:"finding"` // as --format jsonl has it
}

// A Target takes alerts, one at a time and in order.
type Target interface {
	// Name is how messages name the target. It holds no secret.
	Name() string
	// Send delivers a. An error that is ErrRefused means that this alert will
	// never be taken; after any other the same alert comes again.
	Send(ctx context.Context, a *Alert) error
}

// A Message is an alert in words, as templates see it.
type Message struct {
	ID       string    // of this step
	Key      string    // the same for all steps of one campaign
	Step     string    // opened, grown or closed; "" for what has no steps
	Kind     string    // credential_stuffing, leak, expired_token, ...
	Severity string    // informational, low, medium, high or critical
	Title    string    // a line
	Text     string    // a sentence or two
	Host     string    // the machine that read the log
	Time     time.Time // of the event; of the alert where that isn't known
	Finding  map[string]any
}

// message puts a into words.
func (a *Alert) message() (*Message, error) {
	dec := json.NewDecoder(bytes.NewReader(a.Finding))
	dec.UseNumber()
	m := &Message{ID: a.ID, Key: a.ID, Host: hostname(), Time: a.Raised}
	if err := dec.Decode(&m.Finding); err != nil {
		return nil, fmt.Errorf("cannot read an alert: %w", err)
	}
	str := func(key string) string { s, _ := m.Finding[key].(string); return s }
	place := str("file")
	if line, ok := m.Finding["line"].(json.Number); ok {
		place += ":" + line.String()
	}
	at := ""
	switch str("type") {
	case "spike":
		m.Key, m.Kind, m.Step, m.Severity, m.Text = str("id"), str("kind"), str("phase"), str("severity"), str("reason")
		m.Title, at = words(m.Kind), str("detected_at")
		if m.Step != "opened" {
			m.Title, at = m.Title+", "+m.Step, str("end")
		}
		if users, _ := m.Finding["compromised_users"].([]any); len(users) > 0 {
			m.Title += ", " + strconv.Itoa(len(users)) + " taken over"
		}
	case "leak":
		m.Kind, m.Severity = "leak", str("severity")
		m.Title = "credential in a log: " + words(str("kind"))
		m.Text = "A credential stands at " + place + ". Change it, and stop the log from writing it."
		if fix := str("fix"); fix != "" {
			m.Text += " " + fix
		}
	default:
		m.Kind, m.Severity, at = str("cause"), string(detectors.Low), str("time")
		m.Title = "request refused: " + words(m.Kind)
		m.Text = strings.TrimSpace(strings.Join([]string{str("source_ip"), str("method"), str("path"), "(" + place + ")"}, " "))
	}
	m.Title, m.Text = report.Clean(m.Title), report.Clean(m.Text)
	if t, err := time.Parse(time.RFC3339Nano, at); err == nil {
		m.Time = t
	}
	return m, nil
}

func words(id string) string { return strings.ReplaceAll(id, "_", " ") }

func hostname() string {
	name, err := os.Hostname()
	if err != nil {
		return "unknown"
	}
	return name
}

// repeat is how long the leaks of one kind, place and producer are one alert.
const repeat = time.Hour

// newAlert makes the alert of f. Steps of a campaign are alerts of their own;
// leaks alike within an hour are one.
func newAlert(f detectors.Finding, now time.Time) *Alert {
	h := sha256.New()
	id := func(parts ...any) { fmt.Fprintf(h, "%q", parts) }
	switch f := f.(type) {
	case *detectors.SpikeFinding:
		id("spike", f.ID, f.Phase, f.Attempts)
	case *detectors.LeakFinding:
		id("leak", f.File, f.Kind, f.Scheme, f.Location, f.Producer, now.Unix()/int64(repeat/time.Second))
	case *detectors.CauseFinding:
		id("cause", f.File, f.Line, f.EndLine, f.Cause, f.Time, f.SourceIP, f.Path)
	}
	return &Alert{ID: hex.EncodeToString(h.Sum(nil)[:16]), Raised: now.UTC(), Finding: report.AppendFinding(nil, f)}
}
