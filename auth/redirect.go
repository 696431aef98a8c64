package auth

import (
	"errors"
	"net/http"

	"github.com/larder-go/larder/internal/redact"
)

// maxRedirects is how many redirects are followed, as many as net/http follows by itself.
const maxRedirects = 10

// ErrRedirects reports more redirects than are followed.
var ErrRedirects = errors.New("stopped after 10 redirects")

// CheckRedirect is for http.Client.CheckRedirect: a redirect to another origin takes no credential along, in whatever
// header field the caller put it, nor the query in Referer. net/http by itself lets API keys go anywhere and Authorization to subdomains, other
// ports and from https to http.
func CheckRedirect(req *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return ErrRedirects
	}
	if Origin(req.URL) != Origin(via[0].URL) {
		for _, name := range redact.Fields(req.Header) {
			delete(req.Header, name)
		}
		if req.Header.Get("Referer") != "" { // net/http sets it to the whole address, query included
			req.Header.Set("Referer", Origin(via[len(via)-1].URL)+"/")
		}
	}
	return nil
}
