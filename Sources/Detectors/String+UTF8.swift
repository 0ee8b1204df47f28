extension String {
    /// Lends the UTF-8 bytes of the text.
    func withUTF8Bytes<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var text = self
        text.makeContiguousUTF8()
        var outcome: Swift.Result<Result, Failure>?
        text.withUTF8 { bytes in
            do throws(Failure) {
                outcome = .success(try body(bytes))
            } catch {
                outcome = .failure(error)
            }
        }
        guard let outcome else { preconditionFailure("withUTF8 did not call its body") }
        return try outcome.get()
    }
}
