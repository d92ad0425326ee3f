package main

import (
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"why401/detectors"
	"why401/internal/alert"
	"why401/internal/settings"
)

// alerting are the flags that say whom findings are told as they come.
type alerting struct {
	webhooks     []string
	template     string
	secretFile   string
	alertmanager []string
	files        []string
	syslog       []string
	journald     bool
	on           level
	rate         number
}

func (t *alerting) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringArrayVar(&t.webhooks, "webhook", nil, "post findings to this `URL`, or to the one in @FILE if it is a secret; slack=, teams=, pagerduty= or a template's file= before it say in which form")
	f.StringVar(&t.template, "webhook-template", "", "the form of all webhooks: slack, teams, pagerduty or the `file` of a template (default: the finding's JSON)")
	f.StringVar(&t.secretFile, "webhook-secret-file", "", "sign what webhooks get with the secret in this `file` (or in WHY401_WEBHOOK_SECRET)")
	f.StringArrayVar(&t.alertmanager, "alertmanager", nil, "tell the Alertmanager at this `URL`, or at the one in @FILE")
	f.StringArrayVar(&t.files, "alerts", nil, "add findings to this `file` as JSON lines; it may be rotated")
	f.StringArrayVar(&t.syslog, "syslog", nil, "send findings to a syslog: local, udp://HOST:PORT or tcp://HOST:PORT")
	f.BoolVar(&t.journald, "journald", false, "send findings to this machine's journal")
	t.on = newLevel("medium")
	t.on.valid = t.on.valid[1:] // not never
	f.Var(&t.on.choice, "alert-on", "webhooks and the like are told of findings at least this bad: low (each refused request), medium, high, critical")
	t.on.complete(cmd, "alert-on")
	t.rate = number{n: 60, min: 1, max: 6000}
	f.Var(&t.rate, "alert-rate", "alerts a minute to each target at most; more wait")
	for _, name := range []string{"webhook", "webhook-template", "webhook-secret-file", "alertmanager", "alerts", "syslog", "journald"} {
		settings.ByHand(f, name)
	}
}

// targets makes what the flags name.
func (t *alerting) targets() (files []*alert.File, targets []alert.Target, err error) {
	secret, err := t.secret()
	if err != nil {
		return nil, nil, err
	}
	for _, arg := range t.webhooks {
		form, where := t.template, arg
		if name, rest, ok := strings.Cut(arg, "="); ok && !strings.Contains(name, "://") && !strings.HasPrefix(arg, "@") {
			form, where = name, rest
		}
		u, err := address("webhook", where)
		if err != nil {
			return nil, nil, err
		}
		var body alert.Body
		if form != "" {
			if body, err = alert.LoadTemplate(form, os.Getenv); err != nil {
				return nil, nil, hint(fmt.Errorf("--webhook-template: %w", err), "a template is Go's text/template and makes JSON; it comes with "+list(alert.Templates()))
			}
		}
		targets = append(targets, alert.NewWebhook(u, secret, body))
	}
	for _, where := range t.alertmanager {
		u, err := address("alertmanager", where)
		if err != nil {
			return nil, nil, err
		}
		targets = append(targets, alert.NewAlertmanager(u))
	}
	for _, where := range t.syslog {
		s, err := alert.NewSyslog(where)
		if err != nil {
			return nil, nil, fmt.Errorf("--syslog: %w", err)
		}
		targets = append(targets, s)
	}
	if t.journald {
		targets = append(targets, alert.NewJournald())
	}
	for _, name := range t.files {
		f, err := alert.NewFile(name)
		if err != nil {
			return nil, nil, hint(err, "name a file in a folder that exists and that you may write to")
		}
		files = append(files, f)
	}
	return files, targets, nil
}

func (t *alerting) secret() ([]byte, error) {
	text := os.Getenv(settings.Variable("webhook-secret"))
	if t.secretFile != "" {
		b, err := os.ReadFile(t.secretFile)
		if err != nil {
			return nil, hint(fmt.Errorf("cannot read the webhook secret: %w", err), "make one: head -c 32 /dev/urandom | base64 > FILE")
		}
		text = string(b)
	}
	if text == "" {
		return nil, nil
	}
	secret, err := alert.ParseSecret(text)
	return secret, hint(err, "make one: head -c 32 /dev/urandom | base64 > FILE")
}

// address reads a URL, or that in a file after an @. Errors don't show it.
func address(flag, where string) (*url.URL, error) {
	if name, ok := strings.CutPrefix(where, "@"); ok {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, hint(fmt.Errorf("cannot read the URL of --%s: %w", flag, err), "write the URL into the file and nothing else")
		}
		where = strings.TrimSpace(string(text))
	} else if u, err := url.Parse(where); err == nil && u.User != nil {
		return nil, hint(fmt.Errorf("--%s: the URL holds a password, and other users can see what stands in a command", flag), "put it into a file and name that as @FILE")
	}
	u, err := alert.ParseURL(where)
	if err != nil {
		return nil, hint(fmt.Errorf("--%s: %w", flag, err), "write it as https://hooks.example/path")
	}
	return u, nil
}

// start returns the desk of the targets, nil if there are none. state is the
// folder of --state.
func (t *alerting) start(a *app, state string) (*alert.Desk, error) {
	files, targets, err := t.targets()
	if err != nil || len(files)+len(targets) == 0 {
		return nil, err
	}
	desk, err := alert.New(alert.Options{Min: detectors.Severity(t.on.value), Dir: state, Rate: t.rate.n, Warn: func(s string) { a.say("%s", s) }}, files, targets)
	return desk, hint(err, "name a folder with --state that you may write to")
}
