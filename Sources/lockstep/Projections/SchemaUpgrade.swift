import PostgresDriver
import PostgresEventStore
import PostgresReadModels
import ReadModels

/// Brings a database to this program's schema, its documentation included.
enum SchemaUpgrade {
    /// Applies everything that is missing, then says in the database what each view and column means, where that is not said yet.
    ///
    /// - Returns: the migrations that were applied now.
    static func up(_ configuration: PostgresConfiguration) async throws -> [MigrationStatus] {
        let done = try await Migrator(configuration).up()
        try await PostgresConnection.with(configuration) { connection in
            do {
                try await ViewComments.apply(ProjectionCatalogue.all, on: connection)
            } catch let error as PostgresError where error.kind == .server(.insufficientPrivilege) {
                // Words for people: a role that may not write them may serve all the same. Whoever owns the views writes them next time.
                return
            }
        }
        return done
    }
}
