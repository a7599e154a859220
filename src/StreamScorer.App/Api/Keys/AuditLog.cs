using Dapper;
using Npgsql;

namespace StreamScorer.App.Api.Keys;

/// <summary>One row of the audit log: who did what, to which thing.</summary>
/// <param name="Actor">The key's name, or the user of the command line.</param>
/// <param name="Action">Such as <c>leads.read</c> or <c>keys.revoke</c>; never renamed.</param>
/// <param name="Resource">A lead id, a key id, the name of a model or of a list.</param>
internal sealed record AuditEntry(string Actor, string Action, string Resource)
{
    /// <summary>The key; null for acts from the command line.</summary>
    public string? KeyId { get; init; }

    /// <summary>The request; null for acts from the command line.</summary>
    public string? RequestId { get; init; }

    /// <summary>JSON with what else matters; null: nothing.</summary>
    public string? Detail { get; init; }
}

/// <summary>The append-only audit log in PostgreSQL: reads of leads and administrative acts, not scorings.</summary>
internal static class AuditLog
{
    /// <summary>Appends an entry; it is as durable as the transaction around it.</summary>
    public static Task WriteAsync(NpgsqlConnection connection, AuditEntry entry, CancellationToken ct) =>
        connection.ExecuteAsync(new CommandDefinition(
            """
            insert into api_audit (key_id, actor, action, resource, request_id, detail)
            values (@KeyId, @Actor, @Action, @Resource, @RequestId, @Detail::jsonb)
            """, entry, cancellationToken: ct));
}
