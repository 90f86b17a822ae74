package functions

// Get is [Collection.Get] with documents of a type of the function's own; nil where there is none.
func Get[T any](collection *Collection, id string, options ...Option) (*T, error) {
	request := getRequest{place: collection.place(), ID: id}
	for _, option := range options {
		option(&request)
	}
	var answer struct {
		Doc *T `json:"doc"`
	}
	if err := collection.query(request, &answer); err != nil {
		return nil, err
	}
	return answer.Doc, nil
}

// List is [Collection.List] with documents of a type of the function's own.
func List[T any](collection *Collection, query Query) (Page[T], error) {
	request := listRequest{
		place: collection.place(),
		Where: query.Where, Sort: query.Sort, Limit: query.Limit, Offset: query.Offset,
		Cursor: query.Cursor, Expand: query.Expand, Fields: query.Fields,
	}
	if query.SkipTotal {
		request.Total = new(bool)
	}
	var answer struct {
		Docs       []T    `json:"docs"`
		Total      int    `json:"total"`
		NextCursor string `json:"next_cursor"`
	}
	if err := collection.query(request, &answer); err != nil {
		return Page[T]{}, err
	}
	return Page[T]{answer.Docs, answer.Total, answer.NextCursor}, nil
}

// First is [Collection.First] with documents of a type of the function's own; nil where there is none.
func First[T any](collection *Collection, query Query) (*T, error) {
	query.Limit, query.SkipTotal = 1, true
	page, err := List[T](collection, query)
	if err != nil || len(page.Docs) == 0 {
		return nil, err
	}
	return &page.Docs[0], nil
}

// Create is [Collection.Create] with documents of a type of the function's own.
func Create[T any](collection *Collection, data any) (T, error) {
	return write[T](collection, execRequest{Op: "create", Data: data})
}

// Update is [Collection.Update] with documents of a type of the function's own.
func Update[T any](collection *Collection, id string, data any) (T, error) {
	return write[T](collection, execRequest{Op: "update", ID: id, Data: data})
}

// Upsert is [Collection.Upsert] with documents of a type of the function's own.
func Upsert[T any](collection *Collection, data any) (T, error) {
	return write[T](collection, execRequest{Op: "upsert", Data: data})
}

func write[T any](collection *Collection, request execRequest) (T, error) {
	var answer struct {
		Doc T `json:"doc"`
	}
	err := collection.exec(request, &answer)
	return answer.Doc, err
}

// Call is [Functions.Call] with the output as a type of the function's own.
func Call[T any](functions *Functions, name string, input any) (T, error) {
	var output T
	err := functions.call(name, input, &output)
	return output, err
}
