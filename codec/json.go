package codec

import "github.com/larder-go/larder/doc"

// JSON is the readable codec: an indented document in which JSON and text bodies stand as such. A person may edit it; an
// edited body is served as edited.
var JSON Codec = documents{format: format{
	name: "json", ext: "json",
	encode: func(v doc.Value) ([]byte, error) {
		return doc.AppendJSON(nil, v, doc.Layout{Indent: "  ", Newline: true}), nil
	},
	decode: doc.ParseJSON,
}}
