package larder_test

import (
	"testing"
	"testing/synctest"

	"github.com/larder-go/larder"
)

// Scenarios in which time passes, under testing/synctest.
var timed = []struct{ name, routes, steps string }{
	{"fresh until max-age, then fetched (RFC 9111 §4.2.1)",
		`/a  Cache-Control: max-age=60  %n`,
		`GET /a -> 200 miss "1"
		 +59s
		 GET /a -> 200 hit "1"
		 +1s
		 GET /a -> 200 miss "2"`},
	{"fresh until max-age, then validated, then fresh again (§4.3.4)",
		`/v  Cache-Control: max-age=60; Etag: "x"  %n`,
		`GET /v -> 200 miss "1"
		 +61s
		 GET /v -> 200 valid "1"
		 +59s
		 GET /v -> 200 hit "1"
		 +2s
		 GET /v -> 200 valid "1"`},
	{"the age it came with counts (§4.2.3)",
		`/a  Cache-Control: max-age=60; Age: 50  %n`,
		`GET /a -> 200 miss
		 +9s
		 GET /a -> 200 hit
		 +1s
		 GET /a -> 200 miss`},
	{"max-stale takes a stale response, unless it must be revalidated (§5.2.1.2, §5.2.2.2)",
		`/a  Cache-Control: max-age=10  %n
		 /m  Cache-Control: max-age=10, must-revalidate  %n`,
		`GET /a -> 200 miss "1"
		 GET /m -> 200 miss "1"
		 +15s
		 GET /a  Cache-Control: max-stale=10  -> 200 hit "1"
		 GET /m  Cache-Control: max-stale=10  -> 200 miss "2"
		 GET /a  Cache-Control: max-stale=2  -> 200 miss "2"`},
	{"min-fresh and max-age of the request (§5.2.1)",
		`/a  Cache-Control: max-age=60  %n`,
		`GET /a -> 200 miss "1"
		 +30s
		 GET /a  Cache-Control: min-fresh=20  -> 200 hit "1"
		 GET /a  Cache-Control: max-age=40  -> 200 hit "1"
		 GET /a  Cache-Control: min-fresh=40  -> 200 miss "2"
		 +30s
		 GET /a  Cache-Control: max-age=20  -> 200 miss "3"`},
	{"only-if-cached does not take what is stale",
		`/a  Cache-Control: max-age=10  %n`,
		`GET /a -> 200 miss
		 +11s
		 GET /a  Cache-Control: only-if-cached  -> 504 none
		 GET /a  Cache-Control: only-if-cached, max-stale  -> 200 hit "1"`},
	{"a variant is as old as itself",
		`/l  Cache-Control: max-age=60; Vary: Accept-Language  $Accept-Language`,
		`GET /l  Accept-Language: de  -> 200 miss
		 +40s
		 GET /l  Accept-Language: en  -> 200 miss
		 +40s
		 GET /l  Accept-Language: en  -> 200 hit "en"
		 GET /l  Accept-Language: de  -> 200 miss "de"
		 GET /l  Accept-Language: en  -> 200 hit "en"`},
	{"an invalidation is remembered and forgotten",
		`/a  Cache-Control: max-age=6000  %n`,
		`GET /a -> 200 miss "1"
		 POST /a -> 200 pass
		 +2h
		 GET /a -> 200 miss "3"
		 GET /a -> 200 hit "3"`},
}

func TestTimed(t *testing.T) {
	for _, s := range timed {
		t.Run(s.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o, transport := inBubble(s.routes)
				c := open(t, "json", &larder.Options{Transport: transport})
				o.run(t, c.Client(), s.steps)
			})
		})
	}
}
