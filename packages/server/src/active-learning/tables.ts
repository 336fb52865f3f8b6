export interface LearningTables {
  readonly learning_score: {
    readonly series: string;
    readonly model: string;
    readonly strategy: string;
    /** null: the model cannot take the series. */
    readonly score: number | null;
    readonly scored_at: string;
  };
}
