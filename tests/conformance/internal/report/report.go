// Package report collects what the suite counts and what it finds wrong.
package report

import (
	"fmt"
	"io"
	"sort"
	"sync"
)

// Report is what one check has to say; many may write to it at once.
type Report struct {
	Name     string
	mutex    sync.Mutex
	counts   map[string]int
	order    []string
	findings []string
	notes    map[string]int
}

// New returns an empty report.
func New(name string) *Report {
	return &Report{Name: name, counts: map[string]int{}, notes: map[string]int{}}
}

// Count adds to a number of the summary.
func (report *Report) Count(what string, number int) {
	report.mutex.Lock()
	defer report.mutex.Unlock()
	if _, known := report.counts[what]; !known {
		report.order = append(report.order, what)
	}
	report.counts[what] += number
}

// Find records something wrong, which fails the suite.
func (report *Report) Find(format string, arguments ...any) {
	report.mutex.Lock()
	defer report.mutex.Unlock()
	report.findings = append(report.findings, fmt.Sprintf(format, arguments...))
}

// Note records something worth knowing that fails nothing; equal notes are counted.
func (report *Report) Note(format string, arguments ...any) {
	report.mutex.Lock()
	defer report.mutex.Unlock()
	report.notes[fmt.Sprintf(format, arguments...)]++
}

// Failed says whether anything was found wrong.
func (report *Report) Failed() bool { return len(report.findings) > 0 }

// Findings returns what was found wrong.
func (report *Report) Findings() []string { return report.findings }

// Print writes the findings, the notes and one line of numbers.
func (report *Report) Print(output io.Writer) {
	for _, finding := range report.findings {
		_, _ = fmt.Fprintf(output, "%s: FINDING: %s\n", report.Name, finding)
	}
	notes := make([]string, 0, len(report.notes))
	for note := range report.notes {
		notes = append(notes, note)
	}
	sort.Strings(notes)
	for _, note := range notes {
		_, _ = fmt.Fprintf(output, "%s: note: %s (%d times)\n", report.Name, note, report.notes[note])
	}
	_, _ = fmt.Fprintf(output, "%s:", report.Name)
	for _, what := range report.order {
		_, _ = fmt.Fprintf(output, " %d %s,", report.counts[what], what)
	}
	_, _ = fmt.Fprintf(output, " %d findings\n", len(report.findings))
}
