package larder

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/larder-go/larder/internal/redact"
	"github.com/larder-go/larder/record"
	"github.com/larder-go/larder/rfc9111"
)

// Explanation says what a Cache would do with a request at this moment, and why.
type Explanation struct {
	// Action is serve, refresh (serve, and validate beside that), validate, fetch, fail (504 of the cache's own), or pass
	// (not the cache's matter).
	Action string

	// Stored is the response that was considered; nil: there is none. Age and Lifetime are about it.
	Stored        *record.Record
	Age, Lifetime time.Duration

	// Steps are the rules on the way to the decision, which is the last but for what would follow.
	Steps []Step
}

// Step is one rule and what it said.
type Step struct {
	About   string // key, terms, stored, lifetime, age, action, conditions, failure
	Says    string // in a few words
	Section string // of the RFC that has the rule; empty: none has
}

// Explain says what the cache would do with req. Nothing is sent or stored.
func (c *Cache) Explain(req *http.Request) (*Explanation, error) {
	e := &Explanation{}
	own := termsOf(req.Context())
	if own.without {
		return e.end("pass", "the request passes by every cache (Without)", ""), nil
	}
	if req.URL == nil {
		return e.end("pass", "the request has no URL", ""), nil
	}
	x := c.plain.newExchange(req, own)
	e.add("key", redact.RawURL(x.terms.key(req.URL)), "RFC 9111 §2")
	if x.terms.Store == Off {
		e.add("terms", "nothing is stored", "")
	}
	if why := uncacheable(x.asked); why != "" {
		if rfc9111.OnlyIfCached(x.asked) {
			return e.end("fail", "not the cache's matter: "+why, "RFC 9111 §5.2.1.7"), nil
		}
		return e.end("pass", "not the cache's matter: "+why, ""), nil
	}
	asked := x.asked
	if part(asked) != "" {
		asked = wholeOf(asked)
		e.add("part", "answered from a whole response, if one may be used", "RFC 9111 §3.3")
	}
	x.query = x.through.query(asked, x.terms)
	found, _, err := c.backend.Find(req.Context(), x.query)
	if err != nil {
		return nil, fmt.Errorf("larder: explain: %w", err)
	}
	e.decide(x, asked, found)
	return e, nil
}

// decide adds what the rules say of what was found.
func (e *Explanation) decide(x *exchange, asked *http.Request, found []record.Stored) {
	all := len(found)
	found = x.acceptable(found)
	d := x.cache.policy.Decide(asked, x.shown(found), x.now)
	switch {
	case d.Use >= 0:
		e.Stored, e.Age, e.Lifetime = found[d.Use].Record, d.Age, d.Lifetime
		e.add("stored", fmt.Sprintf("%d, received %s", e.Stored.StatusCode, e.Stored.ResponseTime.UTC().Format(time.RFC3339)), "RFC 9111 §4")
		life := fmt.Sprintf("%s: %s", d.Lifetime, d.Basis)
		if x.terms.force(e.Stored.StatusCode) {
			life += ", as the caller's terms have it"
		}
		e.add("lifetime", life, d.Basis.Section())
		e.add("age", d.Age.Truncate(time.Second).String(), "RFC 9111 §4.2.3")
	case all > 0:
		e.add("stored", "only in a content coding that the request does not take", "RFC 9110 §12.5.3")
	default:
		e.add("stored", "nothing that this request selects", "RFC 9111 §4.1")
	}
	if x.terms.Reload == On && !rfc9111.OnlyIfCached(asked) {
		d = rfc9111.Decision{Reason: rfc9111.ReasonReload, Use: d.Use}
	}
	if what := part(x.asked); what != "" && d.Action != rfc9111.Fail {
		action := d.Action.String()
		switch served := d.Action == rfc9111.Serve || d.Action == rfc9111.Refresh; {
		case served && x.gives(found[d.Use].Record):
		case rfc9111.OnlyIfCached(asked):
			action = "fail"
		default:
			action = "pass"
		}
		e.end(action, d.Reason.String(), d.Reason.Section())
		return
	}
	e.end(d.Action.String(), d.Reason.String(), d.Reason.Section())
	if d.Action == rfc9111.Validate || d.Action == rfc9111.Refresh {
		e.add("conditions", headerText(rfc9111.Conditional(asked, records(found))), "RFC 9111 §4.3.1")
	}
	if (d.Action == rfc9111.Validate || d.Action == rfc9111.Fetch) && d.Use >= 0 && d.Reason != rfc9111.ReasonReload {
		f := x.cache.policy.OnFailure(asked, x.terms.seen(found[d.Use].Record), 0, x.now)
		if f.Reason == rfc9111.ReasonDisconnected && x.cache.opts.Disconnected == Off {
			f.Action = rfc9111.Fetch
		}
		says := "the failure is the answer: "
		if f.Action == rfc9111.Serve {
			says = "the stored response is the answer, stale: "
		}
		e.add("failure", "should the origin not answer, "+says+f.Reason.String(), f.Reason.Section())
	}
}

func (e *Explanation) add(about, says, section string) {
	e.Steps = append(e.Steps, Step{about, says, section})
}

func (e *Explanation) end(action, why, section string) *Explanation {
	e.Action = action
	e.add("action", action+": "+why, section)
	return e
}

// headerText is a header in one line.
func headerText(h http.Header) string {
	var lines []string
	for name, values := range h {
		for _, v := range values {
			lines = append(lines, name+": "+v)
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, ", ")
}
