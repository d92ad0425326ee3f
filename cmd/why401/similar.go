package main

import (
	"fmt"
	"strings"

	"why401/parsers"
)

// similar returns the names that somebody may have meant by s: those that hold it
// or that it holds, else the nearest, if it is near.
func similar(s string, names []string) (found []string) {
	s = strings.ToLower(s)
	if len(s) < 3 || len(s) > 64 {
		return nil
	}
	nearest := min(2, len(s)/3) + 1
	var close string
	for _, name := range names {
		if strings.Contains(name, s) || len(name) > 3 && strings.Contains(s, name) {
			found = append(found, name)
		}
		if d := distance(s, name); d < nearest {
			nearest, close = d, name
		}
	}
	if close != "" {
		return []string{close}
	}
	return found
}

// didYouMean is the hint for a name that doesn't exist: similar ones, else where
// all are listed.
func didYouMean(s string, names []string, otherwise string) string {
	switch found := similar(s, names); {
	case len(found) == 0:
		return otherwise
	case len(found) < 8:
		return "did you mean " + strings.Join(found, " or ") + "?"
	}
	return otherwise
}

// distance counts the letters to insert, delete or replace to make b of a (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}

// noLogFormat is the error for a log format that doesn't exist; it names those of
// the product s.
func noLogFormat(s string, all []*parsers.Parser) error {
	var names, titles []string
	for _, p := range all {
		names = append(names, p.Name)
		if doc := strings.ToLower(p.Doc); len(s) >= 3 && strings.Contains(doc, strings.ToLower(s)) {
			title, _, _ := strings.Cut(p.Doc, "\n")
			titles = append(titles, p.Name+" ("+title+")")
		}
	}
	next := didYouMean(s, names, "why401 formats lists them; auto finds out by itself")
	if len(titles) > 0 && len(titles) < 8 {
		next = "did you mean " + strings.Join(titles, " or ") + "? auto finds out by itself"
	}
	return hint(fmt.Errorf("--log-format: %q is no log format", s), next)
}
